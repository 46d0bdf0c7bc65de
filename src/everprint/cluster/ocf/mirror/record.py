"""The record beside a copy: read, and written so that it is on the disk before anything follows from it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from everprint.cluster.ocf.mirror.truth import Record, read_record

_MOST_OCTETS = 4096


def look_up(path: Path) -> Record | None:
    """The record, or None if there is none. Raises Damaged, OSError."""
    try:
        with path.open("rb") as stream:
            return read_record(stream.read(_MOST_OCTETS).decode("utf-8", "replace"))
    except FileNotFoundError:
        return None


def note(path: Path, record: Record) -> None:
    """Whole and on the disk when it returns. Raises OSError."""
    new = path.with_name(f"{path.name}.new")
    with new.open("w", encoding="utf-8") as stream:
        stream.write(record.written())
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def utc_now() -> str:
    """The time, as records and the cluster's word have it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
