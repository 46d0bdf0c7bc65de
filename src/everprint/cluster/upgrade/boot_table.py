"""Writes another image's folder into the table `[boot]` of a topology file, and leaves every other line as it is.

What was is kept in the key `before`, so that `--back` needs no memory of its own.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from everprint.cluster.image.build import INITRD, KERNEL, RAW
from everprint.cluster.topology.model import GuestBoot
from everprint.cluster.topology.problem import BadTopology
from everprint.cluster.topology.reader import parse_topology
from everprint.cluster.upgrade.errors import CannotUpgrade

_HEAD = re.compile(r"\s*\[boot\]\s*(#.*)?")
_FILES = {"kernel": KERNEL, "initrd": INITRD, "system": RAW}


def image_of(boot: GuestBoot) -> str:
    """The folder of the image that VMs boot. Raises CannotUpgrade if it is no image of one folder."""
    folder = str(PurePosixPath(boot.system).parent) if boot.system else ""
    paths = {"kernel": boot.kernel, "initrd": boot.initrd, "system": boot.system}
    if not folder or any(path != f"{folder}/{_FILES[key]}" for key, path in paths.items()):
        names = ", ".join(_FILES.values())
        raise CannotUpgrade(
            f"[boot] does not name an image: kernel, initrd and system must be {names} of one folder on the hosts"
        )
    return folder


def with_image(text: str, image: str, before: str) -> str:
    """The file's text with the image. Raises CannotUpgrade if that cannot be done without a person."""
    lines = text.splitlines(keepends=True)
    heads = [number for number, line in enumerate(lines) if _HEAD.fullmatch(line.rstrip("\r\n"))]
    if len(heads) != 1:
        raise CannotUpgrade("the file has no line [boot]: write the table so, with a line for each key")
    begin = heads[0] + 1
    end = next((number for number in range(begin, len(lines)) if lines[number].lstrip().startswith("[")), len(lines))
    wanted = {**{key: f"{image}/{name}" for key, name in _FILES.items()}, "before": before}
    for number in range(begin, end):
        found = re.match(r"(\s*)(\w+)(\s*=\s*)([\"'])[^\"']*[\"'](.*)", lines[number], re.DOTALL)
        if found and found[2] in wanted:
            lines[number] = f'{found[1]}{found[2]}{found[3]}"{wanted.pop(found[2])}"{found[5]}'
    if set(wanted) == {"before"}:
        lines.insert(begin, f'before = "{wanted.pop("before")}"\n')
    return _checked("".join(lines), image, before)


def write_topology(path: Path, text: str) -> None:
    """In the place of the file, whole or not at all."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.chmod(path.stat().st_mode & 0o777)
    fresh.replace(path)


def _checked(text: str, image: str, before: str) -> str:
    try:
        boot = parse_topology(text, "").boot
    except BadTopology as error:
        raise CannotUpgrade(f"[boot] cannot be changed here: write the image into it by hand ({error})") from error
    if (boot.kernel, boot.system, boot.before) != (f"{image}/{KERNEL}", f"{image}/{RAW}", before):
        raise CannotUpgrade("[boot] cannot be changed here: write kernel, initrd and system each in a line")
    return text
