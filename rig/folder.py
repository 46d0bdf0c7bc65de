"""Folders for parts that run: short enough for Unix sockets, passable for daemons that drop root, removed at the end.

A test's own temporary folder will not do: it is closed to other users, and its name is often longer than the 107
octets that the name of a Unix socket may have.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def private_folder(name: str) -> Iterator[Path]:
    """An empty folder that everybody may pass through and only its owner may write to; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"rig-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
