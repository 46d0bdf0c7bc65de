"""Keeps the points of one VM at the other site: what is there, one more, fewer, and one to go on from. Sent as text.

A point is there when its folder is in `points`, which happens in one rename after every octet is on disk and every
digest was right. Until then it is in `incoming`, and what is there of it can be gone on from. A point holds what was
written since the one before it, which is behind it as a qcow2 image; the oldest is whole. To remove the oldest its
octets are put together with those of the next one; killed in between, that is done anew and finished.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zlib
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO

_LONGEST_LINE = 1 << 16
_LONGEST_PIECE = 1 << 20
_FILE = re.compile(r"[a-zA-Z0-9][\w.-]{0,99}")
_IMAGE = re.compile(r"image-([0-9a-f]{64})-([a-zA-Z0-9][\w.-]{0,99})")
_MANIFEST, _MERGING = "manifest.json", "merging.json"


class Failed(Exception):
    """It was not done. The stage says whose trouble it is."""

    def __init__(self, stage: str, said: str) -> None:
        self.stage = stage
        super().__init__(said)


class Shelf:
    """The folder of one VM."""

    def __init__(self, folder: str, vm: str) -> None:
        self.root = Path(folder)
        self.images = self.root / "images"
        self.of_vm = self.root / "vms" / vm
        self.points = self.of_vm / "points"
        self.incoming = self.of_vm / "incoming"
        self.serving = self.of_vm / "serving"
        self.live = self.of_vm / "live"
        for path in (self.root, self.images, self.of_vm.parent, self.of_vm, self.points, self.incoming):
            path.mkdir(mode=0o711, parents=True, exist_ok=True)
            path.chmod(0o711)  # QEMU is another user, and must come by

    def manifests(self) -> list[dict[str, object]]:
        """Of the points that are there, the oldest first: names end with the time."""
        found = [json.loads(path.read_text("utf-8")) for path in self.points.glob(f"*/{_MANIFEST}")]
        return sorted(found, key=lambda one: str(one["point"]))


def main(text: str) -> None:
    """Writes a JSON object: what is there, or `failed` (the stage) and `said`."""
    os.umask(0o077)
    order = json.loads(text)
    try:
        report = _locked(order)
    except Failed as error:
        report = {"failed": error.stage, "said": str(error)}
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        report = {"failed": "full" if full else "host", "said": str(error)}
    sys.stdout.write(json.dumps(report))


def _locked(order: dict[str, object]) -> dict[str, object]:
    shelf = Shelf(str(order["folder"]), str(order["vm"]))
    with (shelf.of_vm / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if order["do"] == "look":
                return _look(shelf)  # what is there is whole at any moment
            raise Failed("busy", "another point of this VM is just coming in") from None
        if order["do"] == "receive":
            if shelf.serving.exists():
                raise Failed("serving", "the VM was started here, and goes on from here")
            _receive(shelf, order, sys.stdin.buffer)
            return _look_after_pruning(shelf, int(str(order["keep"])))
        if order["do"] == "serve":
            _serve(shelf, str(order["point"]), str(order["since"]))
        if order["do"] == "retire":
            shutil.rmtree(shelf.live, ignore_errors=True)
            shelf.serving.unlink(missing_ok=True)
        return _look(shelf)


def _look_after_pruning(shelf: Shelf, keep: int) -> dict[str, object]:
    """A point that came in is there, whether or not an older one can go just now: a rehearsal may have it open."""
    unpruned = ""
    try:
        _finish_merging(shelf)
        _prune(shelf, keep)
    except Failed as error:
        unpruned = str(error)
    return {**_look(shelf), "unpruned": unpruned}


def _look(shelf: Shelf) -> dict[str, object]:
    coming = {
        folder.name: {path.name: path.stat().st_size for path in folder.iterdir()}
        for folder in shelf.incoming.iterdir()
    }
    room = os.statvfs(shelf.root)
    return {
        "clock": time.time(),
        "points": [{**one, "folder": str(shelf.points / str(one["point"]))} for one in shelf.manifests()],
        "incoming": coming,
        "images": {path.parent.name: str(path) for path in shelf.images.glob("*/*")},
        "serving": shelf.serving.read_text("utf-8") if shelf.serving.exists() else "",
        "free": room.f_bavail * room.f_frsize,
    }


def _serve(shelf: Shelf, point: str, since: str) -> None:
    """Makes disks that the VM can go on with: what it writes goes into files of its own, the point stays as it is.

    From here on nothing comes in any more. Called again, it changes nothing.
    """
    if shelf.serving.exists():
        return
    _finish_merging(shelf)
    manifest = json.loads((shelf.points / point / _MANIFEST).read_text("utf-8"))
    shutil.rmtree(shelf.live, ignore_errors=True)
    shelf.live.mkdir(mode=0o711)
    shelf.live.chmod(0o711)
    for disk in manifest["disks"]:
        behind, new = f"../points/{point}/{disk['file']}", str(shelf.live / disk["file"])
        _run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", behind, new)
    for name in ("seed.img", "domain.xml"):
        if (shelf.points / point / name).exists():
            shutil.copyfile(shelf.points / point / name, shelf.live / name)
    for path in shelf.live.iterdir():
        _sync(path)
    _sync(shelf.live)
    word = shelf.serving.with_name(f"{shelf.serving.name}.new")
    word.write_text(since, "utf-8")
    _sync(word)
    word.replace(shelf.serving)
    _sync(shelf.of_vm)


def _receive(shelf: Shelf, order: dict[str, object], stream: BinaryIO) -> None:
    point = str(order["point"])
    for left in shelf.incoming.iterdir():
        if left.name != point:
            shutil.rmtree(left)  # of a point that its host has no more
    if (shelf.points / point).exists():
        return
    folder = shelf.incoming / point
    folder.mkdir(mode=0o711, exist_ok=True)
    folder.chmod(0o711)
    digests: dict[str, str] = {}
    while (said := _line(stream)) != {"end": True}:
        name, octets, start = str(said["file"]), int(str(said["octets"])), int(str(said["from"]))
        if not _FILE.fullmatch(name):
            raise Failed("broken", f"{name!r} is no file of a point")
        _take_in(folder / name, stream, start, octets)
        digests[name] = str(said["sha256"])
    for name, digest in digests.items():
        if _sha256(folder / name) != digest:
            shutil.rmtree(folder)
            raise Failed("digest", f"{name} is not what was sent: its digest differs. It is sent anew")
    _put_into_its_place(shelf, folder, digests)


def _take_in(path: Path, stream: BinaryIO, start: int, octets: int) -> None:
    """Writes what comes of a file from `start` on. What is there before that stays, and what is behind goes."""
    with path.open("r+b" if path.exists() else "w+b") as out:
        out.truncate(start)
        out.seek(start)
        while True:
            head = _exactly(stream, 5)
            length = int.from_bytes(head[:4], "big")
            if length == 0:
                break
            if length > _LONGEST_PIECE:
                raise Failed("broken", "a piece is longer than any is sent")
            body = _exactly(stream, length)
            try:
                piece = zlib.decompressobj().decompress(body, _LONGEST_PIECE) if head[4] else body
            except zlib.error as error:
                raise Failed("broken", f"a piece cannot be unpacked: {error}") from error
            if out.tell() + len(piece) > octets:
                raise Failed("broken", f"{path.name} is longer than it should be")
            out.write(piece)
        out.flush()
        if out.tell() != octets:
            raise Failed("broken", f"{path.name} has {out.tell()} octets, and should have {octets}")
        os.fsync(out.fileno())


def _put_into_its_place(shelf: Shelf, folder: Path, digests: dict[str, str]) -> None:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
        disks, base = manifest["disks"], str(manifest["base"])
        right = manifest["point"] == folder.name and all(
            digests[disk["file"]] == disk["sha256"] and _FILE.fullmatch(disk["file"]) for disk in disks
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failed("digest", f"what came is no point: {error}") from error
    newest = [str(one["point"]) for one in shelf.manifests()][-1:]
    if not right or (base and [base] != newest):
        shutil.rmtree(folder)
        what = f"it goes on from {base}, and the newest here is {newest}" if right else "a disk's digest differs"
        raise Failed("digest", f"{what}. It is sent anew")
    for disk in disks:
        if base:
            behind = f"../{base}/{disk['file']}"
            _run("qemu-img", "rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", behind, str(folder / disk["file"]))
        # The head of the file says now what is behind it: this is the digest of what is kept.
        disk["sha256"] = _sha256(folder / disk["file"])
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
    for path in folder.iterdir():
        _sync(path)
        if found := _IMAGE.fullmatch(path.name):
            place = shelf.images / found[1] / found[2]
            place.parent.mkdir(mode=0o711, exist_ok=True)
            path.chmod(0o644)
            path.replace(place)
            _sync(place.parent)
    _sync(folder)
    folder.replace(shelf.points / folder.name)
    _sync(shelf.points)
    _sync(shelf.incoming)


def _prune(shelf: Shelf, keep: int) -> None:
    found = shelf.manifests()
    for oldest, after in islice(pairwise(found), max(len(found) - keep, 0)):
        folder = shelf.points / str(oldest["point"])
        # From here on it is no point any more.
        (folder / _MANIFEST).replace(folder / _MERGING)
        _sync(folder)
        if after["base"] == oldest["point"]:
            _merge(shelf, folder, after)
        shutil.rmtree(folder)
    needed = {str(image["sha256"]) for one in shelf.root.glob(f"vms/*/*/*/{_MANIFEST}") for image in _images_of(one)}
    for path in shelf.images.iterdir():
        if path.name not in needed and time.time() - path.stat().st_mtime > 3600:
            shutil.rmtree(path)


def _images_of(manifest: Path) -> list[dict[str, object]]:
    try:
        found = json.loads(manifest.read_text("utf-8"))["images"]
    except FileNotFoundError:  # another VM's, which goes just now
        return []
    return list(found)


def _merge(shelf: Shelf, folder: Path, after: dict[str, object]) -> None:
    """Puts the octets of `after` into the images of the point before it, which become those of `after`."""
    place = shelf.points / str(after["point"])
    disks = after["disks"]
    assert isinstance(disks, list)
    for disk in disks:
        old, new = folder / disk["file"], place / disk["file"]
        if old.exists():
            _run("qemu-img", "commit", "-q", "-d", "-f", "qcow2", str(new))
            _sync(old)
            old.replace(new)
        # What was put together has no digest that anybody sent; qemu-img check is what it can be held to.
        disk["sha256"], disk["octets"] = "", new.stat().st_size
    new_manifest = place / f"{_MANIFEST}.new"
    new_manifest.write_text(json.dumps({**after, "kind": "full", "base": ""}, indent=1), "utf-8")
    _sync(new_manifest)
    new_manifest.replace(place / _MANIFEST)
    _sync(place)


def _finish_merging(shelf: Shelf) -> None:
    """What one that was killed had begun."""
    for marker in shelf.points.glob(f"*/{_MERGING}"):
        folder = marker.parent
        for after in shelf.manifests():
            if after["base"] == folder.name:
                _merge(shelf, folder, after)
        shutil.rmtree(folder)


def _line(stream: BinaryIO) -> dict[str, object]:
    line = stream.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise Failed("broken", "the transfer broke off: what came is kept, and the next run goes on from there")
    try:
        said = json.loads(line)
    except ValueError as error:
        raise Failed("broken", f"what came is no point: {error}") from error
    if not isinstance(said, dict):
        raise Failed("broken", "what came is no point")
    return said


def _exactly(stream: BinaryIO, octets: int) -> bytes:
    found = stream.read(octets)
    if len(found) < octets:
        raise Failed("broken", "the transfer broke off: what came is kept, and the next run goes on from there")
    return found


def _run(*argv: str) -> None:
    ended = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        said = ended.stderr.strip() or f"{argv[0]} ended with {ended.returncode}"
        raise Failed("full" if "No space left" in said else "host", said)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
