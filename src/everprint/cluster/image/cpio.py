"""Archives that the kernel unpacks as its first file system: cpio in the "newc" format.

Format: Documentation/driver-api/early-userspace/buffer-format.rst of the Linux kernel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_FOLDER, _FILE, _LINK = 0o040755, 0o100644, 0o120777


@dataclass(frozen=True)
class Member:
    """One entry: a path without a leading slash, the mode with the kind of file, and what it holds."""

    path: str
    mode: int
    content: bytes = b""


def folder(path: str) -> Member:
    """An empty folder."""
    return Member(path, _FOLDER)


def file(path: str, content: bytes, *, program: bool = False) -> Member:
    """A file, that may be run if it is a program."""
    return Member(path, _FILE | (0o111 if program else 0), content)


def link(path: str, target: str) -> Member:
    """A symbolic link."""
    return Member(path, _LINK, target.encode())


def archive(members: Iterable[Member]) -> bytes:
    """The archive: owned by root, without times, so that the same members give the same octets."""
    out = bytearray()
    for number, member in enumerate([*members, Member("TRAILER!!!", 0)], start=1):
        name = member.path.encode() + b"\0"
        links = 2 if member.mode == _FOLDER else 1
        fields = (number, member.mode, 0, 0, links, 0, len(member.content), 0, 0, 0, 0, len(name), 0)
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + name
        out += bytes(-len(out) % 4)
        out += member.content
        out += bytes(-len(out) % 4)
    return bytes(out)
