"""Archives of jobs as files: JSON Lines in gzip (RFC 1952), one file a run, on disk and complete or not there at all.

The first line says what the file is; each other line is one job. A file has its name only when all of it is on disk:
until then it is hidden, and whatever broke off is swept away a day later. Nothing here knows of the database.
"""

from __future__ import annotations

import gzip
import os
import secrets
import time
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from everprint.server.secret_key import sync_folder

EDITION = 1
_SUFFIX, _UNFINISHED = ".jsonl.gz", ".part"
_SWEPT_AFTER_S = 86_400.0
_LEVEL = 6


class BadArchive(Exception):
    """A file that is no archive, is damaged, or is of a newer release."""


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    archive: str = "everprint-jobs"
    edition: int = EDITION
    made_at: datetime
    jobs: int
    first_finished_at: datetime
    last_finished_at: datetime


class Archive(msgspec.Struct, frozen=True):
    """An archive that is there."""

    path: Path
    heading: Heading
    octets: int

    @property
    def name(self) -> str:
        """By which it is asked for."""
        return self.path.name.removesuffix(_SUFFIX)


_headings = msgspec.json.Decoder(Heading)


def write_archive(folder: Path, heading: Heading, lines: Iterable[bytes]) -> Path:
    """Writes an archive, and returns when it is on disk. Whatever `lines` raises ends it, and leaves no archive.

    Raises BadArchive if the lines are not as many as the heading says.
    """
    _make(folder)
    _sweep(folder)
    moment = heading.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    final = folder / f"jobs-{moment}-{secrets.token_hex(4)}{_SUFFIX}"
    hidden = folder / f".{final.name}{_UNFINISHED}"
    try:
        with os.fdopen(os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with gzip.GzipFile("", "wb", _LEVEL, file, heading.made_at.timestamp()) as packed:
                packed.write(msgspec.json.encode(heading) + b"\n")
                for line in _all_of(lines, heading.jobs):
                    packed.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
        hidden.rename(final)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise
    sync_folder(folder)
    return final


def archives_in(folder: Path) -> list[Archive]:
    """All that there are, the oldest first.

    Raises BadArchive for a file whose first line cannot be read.
    """
    found = [
        Archive(path, _heading_of(path), path.stat().st_size)
        for path in folder.glob(f"jobs-*{_SUFFIX}")
        if path.is_file()
    ]
    return sorted(found, key=lambda archive: (archive.heading.made_at, archive.name))


def jobs_in(archive: Archive) -> Iterator[bytes]:
    """Its jobs, a line each.

    Raises BadArchive as soon as it is found to be damaged.
    """
    try:
        with gzip.open(archive.path) as lines:
            lines.readline()
            read = 0
            for line in lines:
                read += 1
                yield line.rstrip(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        raise BadArchive(f"{archive.path} is damaged: {error}") from None
    if read != archive.heading.jobs:
        raise BadArchive(f"{archive.path} is damaged: it has {read} of {archive.heading.jobs} jobs")


def _all_of(lines: Iterable[bytes], wanted: int) -> Iterator[bytes]:
    found = 0
    for line in lines:
        found += 1
        yield line
    if found != wanted:
        raise BadArchive(f"{wanted} jobs were to be archived, and {found} were found")


def _heading_of(path: Path) -> Heading:
    try:
        with gzip.open(path) as lines:
            heading = _headings.decode(lines.readline())
    except (OSError, EOFError, zlib.error, msgspec.DecodeError) as error:
        raise BadArchive(f"{path} is no archive of jobs, or is damaged: {error}") from None
    if heading.edition != EDITION:
        raise BadArchive(f"{path} is of edition {heading.edition}: this release reads edition {EDITION}")
    return heading


def _make(folder: Path) -> None:
    """The folder, and that it is there, on disk."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for place in missing:
        sync_folder(place.parent)


def _sweep(folder: Path) -> None:
    """What broke off long ago goes; what is younger may be another server's, which is writing it."""
    for path in folder.glob(f".jobs-*{_UNFINISHED}"):
        if path.stat().st_mtime < time.time() - _SWEPT_AFTER_S:
            path.unlink(missing_ok=True)
