"""Folders of a host's own: its users who are not root look into them, whatever the umask of who made them."""

from __future__ import annotations

from pathlib import Path

_MODE = 0o755


def make_folder(path: Path) -> None:
    """With those above it that are missing."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    path.chmod(_MODE)
