"""Which kind of file system a file is on."""

from __future__ import annotations

from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")


def filesystem_of(path: Path, mounts: str | None = None) -> str:
    """Its type as the kernel names it (proc(5), mountinfo), like *ext4* or *nfs4*; empty where it names none."""
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text("utf-8", errors="replace")
        except OSError:
            return ""
    best, kind = -1, ""
    for line in mounts.splitlines():
        before, dash, after = line.partition(" - ")
        fields = before.split()
        if not dash or len(fields) < 5:
            continue
        point = Path(_unescaped(fields[4]))
        # The last mount at the longest point is the one in sight.
        if (path == point or point in path.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split()[0]
    return kind


def _unescaped(point: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        point = point.replace(code, character)
    return point
