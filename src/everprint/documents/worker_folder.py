"""A worker's folder for temporary files, and the removal of those whose owner was killed before it could.

Invariant: the owner of a folder holds a lock on it for as long as it lives. The kernel drops the lock with its last
holder, however that ended, so a folder that can be locked belongs to nobody.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import Self

PREFIX = "everprint-analyser-"


class WorkerFolder:
    """A folder of this process; remove() it at the end."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def make(cls) -> Self:
        """A new, empty one. Another user's Ghostscript may pass through it, not look around."""
        path = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = _locked(path)
        assert lock is not None, "somebody swept a folder that was just made"
        path.chmod(0o711)
        return cls(path, lock)

    def remove(self) -> None:
        """Removes it with all that is in it."""
        if self._lock >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = -1


def sweep() -> None:
    """Removes the folders of owners that are no more."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if path.is_symlink() or path.stat().st_uid != os.getuid() or path.stat().st_mode & 0o777 != 0o711:
                continue  # not ours to remove, or just being made
            lock = _locked(path)
        except OSError:
            continue  # somebody else was quicker
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _locked(path: Path) -> int | None:
    """The descriptor that holds the lock; None if another process does."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
