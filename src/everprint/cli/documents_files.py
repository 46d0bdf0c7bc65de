"""Which files are meant by what stands on the command line: names, folders, and patterns that no shell expanded."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

_WILD = frozenset("*?[")


class NoFiles(Exception):
    """A name, folder or pattern stands for no file; the text says which."""


def find_files(names: Sequence[str], included: Sequence[str]) -> list[Path]:
    """The files meant, each once, in the order of the names; those of a folder or pattern sorted.

    A folder stands for all files in it and below whose name matches one of the patterns `included` (all, if there
    is none), but for hidden ones. Raises NoFiles.
    """
    found: dict[Path, None] = {}
    for name in names:
        files = list(_meant_by(name, included))
        if not files:
            raise NoFiles(_nothing(name, included))
        found.update(dict.fromkeys(files))
    return list(found)


def _meant_by(name: str, included: Sequence[str]) -> Iterator[Path]:
    path = Path(name)
    if path.is_dir():
        yield from _below(path, included)
    elif path.exists() or not _WILD & set(name):
        if not path.exists():
            raise NoFiles(f"there is no file {name}")
        yield path
    else:
        for match in sorted(glob.glob(name, recursive=True)):  # noqa: PTH207 - Path.glob takes no absolute pattern
            yield from _below(Path(match), included) if Path(match).is_dir() else [Path(match)]


def _below(folder: Path, included: Sequence[str]) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root, name)
            if not name.startswith(".") and _is_included(name, included) and path.is_file():
                yield path


def _is_included(name: str, included: Sequence[str]) -> bool:
    return not included or any(fnmatch(name.lower(), pattern.lower()) for pattern in included)


def _nothing(name: str, included: Sequence[str]) -> str:
    if Path(name).is_dir():
        which = f" that matches {' or '.join(included)}" if included else ""
        return f"there is no file{which} in {name}"
    return f"no file matches {name}"
