"""The key that signs sessions: made once, on disk before it is used, readable by its owner only.

It is in no backup: a restored server with a new key signs everybody out and loses nothing else.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def make_secret_key(path: Path) -> bool:
    """Makes the key unless it is there; True if it was made."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Makes the folder's names durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
