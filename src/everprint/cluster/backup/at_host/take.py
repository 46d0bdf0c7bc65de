"""Takes one point of one VM, at the host that runs it. Sent there as text: it needs virsh, qemu-img and restic.

A backup's point is stored by restic. A replica's is left in its folder, from where it is sent to the other site.

One process from the first question to the last file removed, with a lock for its life: whoever started it may be gone
meanwhile. What an earlier one left behind when it was killed is cleared away first: a frozen guest is thawed, a job
that goes on is ended, and a checkpoint whose point was never stored is removed. A backup and a replica of one VM take
turns for that and for the copy, because a hypervisor does one at a time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree as ET

_ANSWER_S = 30.0
_POLL_S = 0.2
_TRIES = 3


class Failed(Exception):
    """The point was not taken. The stage says whose trouble it is."""

    def __init__(self, stage: str, said: str) -> None:
        self.stage = stage
        super().__init__(said)


class Order:
    """What is to be done, as the caller wrote it."""

    def __init__(self, text: str) -> None:
        said = json.loads(text)
        self.domain: str = said["domain"]
        self.point: str = said["point"]
        self.base: str = said["base"]
        self.reason: str = said["reason"]
        self.base_checkpoint: str = said["base_checkpoint"]
        self.stored: list[str] = said["stored"]
        self.stored_images: list[str] = said["stored_images"]
        self.disks: list[dict[str, str]] = said["disks"]
        self.xml: dict[str, str] = said["xml"]
        self.texts: dict[str, str] = said["texts"]
        self.images: list[str] = said["images"]
        self.seed: str = said["seed"]
        self.restic: list[str] = said["restic"]
        """How restic is called; nothing: the point stays in its folder."""
        self.freezes: bool = said["freezes"]
        self.mark: str = said["mark"]
        """What stands between the VM's name and the time in a point's."""
        self.tags: dict[str, list[str]] = said["tags"]
        self.manifest: dict[str, object] = said["manifest"]
        self.scratch = Path(said["scratch"])
        self.of_vm = self.scratch / said["below"] / self.domain
        self.folder = self.of_vm / self.point
        self.until = time.monotonic() + float(said["within_s"])
        self.notes: list[str] = []
        self.moment = 0.0
        """Of this host's clock, before the copy began: what was on the disk by then is in it."""

    def left_s(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise Failed("time", "the time for it is over")
        return left


def main(text: str) -> None:
    """Writes a JSON object: what was stored, or `failed` (the stage) and `said`."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _end)
    os.umask(0o077)
    order = Order(text)
    try:
        report = _locked(order)
    except Failed as error:
        report = {"failed": error.stage, "said": str(error), "notes": order.notes}
    except OSError as error:
        report = {"failed": "host", "said": str(error), "notes": order.notes}
    sys.stdout.write(json.dumps(report))


def _end(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)


def _locked(order: Order) -> dict[str, object]:
    # QEMU is another user, and must come by.
    for folder in (order.scratch, order.of_vm.parent, order.of_vm):
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        folder.chmod(0o711)
    with (order.of_vm.parent / f"{order.domain}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed("busy", "another backup of this VM is under way on this host") from None
        with _turn(order):
            _clear_away(order)
        order.folder.mkdir(mode=0o711)
        order.folder.chmod(0o711)
        try:
            report = _take(order)
        except BaseException:
            _virsh(order, "checkpoint-delete", order.domain, order.point, must=False)
            shutil.rmtree(order.folder, ignore_errors=True)
            raise
        if order.restic:
            shutil.rmtree(order.folder, ignore_errors=True)
        return report


@contextmanager
def _turn(order: Order) -> Iterator[None]:
    """Waits until no other backup or replica of the VM is being copied here."""
    with (order.scratch / f"{order.domain}.turn").open("w") as turn:
        while True:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                order.left_s()
                time.sleep(_POLL_S)
        yield


def _clear_away(order: Order) -> None:
    """What a backup that was killed left behind."""
    if _frozen(order):
        _virsh(order, "domfsthaw", order.domain)
        order.notes.append("the guest was still frozen by an interrupted backup, and was thawed")
    job = _virsh(order, "domjobinfo", order.domain, must=False)
    if "Backup" in job:
        _virsh(order, "domjobabort", order.domain)
        _wait_for_job(order)
    for left in order.of_vm.iterdir():
        shutil.rmtree(left, ignore_errors=True)
    for name in _checkpoints(order):
        if name not in order.stored:
            _virsh(order, "checkpoint-delete", order.domain, name, must=False)


def _take(order: Order) -> dict[str, object]:
    base = order.base if order.base and _has_base(order) else ""
    with _turn(order):
        consistency, frozen_ms, base = _copy(order, base)
    kind = "incremental" if base else "full"
    if not base:
        order.notes.append(f"full: {order.reason}")
    disks = [_stored_disk(order, disk) for disk in order.disks]
    for name, text in order.texts.items():
        (order.folder / name).write_text(text, "utf-8")
    if order.xml["checkpoint"]:
        dumped = _virsh(order, "checkpoint-dumpxml", order.domain, order.point)
        (order.folder / "checkpoint.xml").write_text(dumped, "utf-8")
    if order.seed:
        shutil.copyfile(order.seed, order.folder / "seed.img")
    images = [_stored_image(order, path) for path in order.images]
    manifest = {
        **order.manifest,
        "point": order.point,
        "host": os.uname().nodename,
        "kind": kind,
        "base": base,
        "consistency": consistency,
        "notes": order.notes,
        "frozen_ms": frozen_ms,
        "moment": order.moment,
        "disks": disks,
        "images": images,
        "seed": order.seed,
    }
    (order.folder / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")
    octets = sum(int(str(disk["octets"])) for disk in disks)
    if not order.restic:
        # The base's checkpoint stays until the other site has this point: the next one may have to go on from it.
        return {**manifest, "octets": octets}
    tags = [*order.tags[kind], f"consistency={consistency}", f"octets={octets}"]
    tags += [f"image={image['sha256']}" for image in images]
    summary = _store(order, str(order.folder), ".", tags)
    for name in _checkpoints(order):
        if name != order.point:
            _virsh(order, "checkpoint-delete", order.domain, name, must=False)
    return {**manifest, "octets": octets, "snapshot": summary["snapshot_id"], "added": summary["data_added"]}


def _has_base(order: Order) -> bool:
    """Does the hypervisor know what was written since the base?"""
    if order.base in _checkpoints(order):
        return True
    # The VM came from another host: the marks are in its disk, and libvirt is told of them anew.
    if order.base_checkpoint:
        root = ET.fromstring(order.base_checkpoint)  # noqa: S314 (what libvirt itself wrote, kept in our repository)
        for parent in root.findall("parent"):
            root.remove(parent)  # it was removed when this one was stored
        path = order.folder / "base.xml"
        path.write_text(ET.tostring(root, encoding="unicode"), "utf-8")
        try:
            _virsh(order, "checkpoint-create", order.domain, str(path), "--redefine", "--redefine-validate")
        except Failed as error:
            order.reason = f"what was written since {order.base} is not known here ({error})"
            return False
        finally:
            path.unlink()
        return True
    order.reason = f"there is no checkpoint of {order.base}"
    return False


def _copy(order: Order, base: str) -> tuple[str, int, str]:
    """Copies the disks as they are at one moment: the consistency, for how long the guest stood (ms), the base."""
    try:
        return (*_begin(order, base), base)
    except Failed as error:
        if not base or error.stage != "bitmap":
            raise
        order.reason = f"what was written since {base} was lost, as after a crash"
    for name in _checkpoints(order):
        _virsh(order, "checkpoint-delete", order.domain, name, "--metadata", must=False)
    for disk in order.disks:
        (order.folder / disk["file"]).unlink(missing_ok=True)
    return (*_begin(order, ""), "")


def _begin(order: Order, base: str) -> tuple[str, int]:
    words = ["backup-begin", order.domain, _written(order, "backup", order.xml["incremental" if base else "full"])]
    if order.xml["checkpoint"]:
        words.append(_written(order, "checkpoint", order.xml["checkpoint"]))
    began = time.monotonic()
    consistency = "quiesced" if order.freezes else "crash-consistent"
    try:
        try:
            if order.freezes:
                _virsh(order, "domfsfreeze", order.domain, within_s=30)
        except Failed as error:
            consistency = "crash-consistent"
            note = f"crash-consistent, as after a power cut: the guest's agent did not freeze it ({error})"
            if note not in order.notes:
                order.notes.append(note)
        try:
            order.moment = time.time()
            _virsh(order, *words)
        except Failed as error:
            is_bitmap = re.search(r"bitmap|checkpoint", str(error), re.IGNORECASE)
            raise Failed("bitmap" if is_bitmap else "libvirt", str(error)) from None
    finally:
        # Whatever happened: an agent that did not answer in time may still do what it was asked.
        is_thawed = order.freezes and _thaw(order)
        frozen_ms = round((time.monotonic() - began) * 1000)
        (order.folder / "backup.xml").unlink(missing_ok=True)
    if consistency == "quiesced" and not is_thawed:
        raise Failed(
            "libvirt", f"THE GUEST STANDS STILL: it was frozen and cannot be thawed (virsh domfsthaw {order.domain})"
        )
    ended = _wait_for_job(order)
    if "Completed" not in ended:
        raise Failed("scratch", f"QEMU did not copy the disks into {order.folder}: is there room? ({ended})")
    return consistency, frozen_ms if consistency == "quiesced" else 0


def _thaw(order: Order) -> bool:
    for _ in range(_TRIES):
        try:
            _virsh(order, "domfsthaw", order.domain)
        except Failed as error:
            if "agent is not c" in str(error):  # not configured, not connected: it froze nothing
                return False
        else:
            return True
    return False


def _wait_for_job(order: Order) -> str:
    """How the job ended."""
    while True:
        said = _virsh(order, "domjobinfo", order.domain)
        if re.search(r"Job type:\s+None", said):
            break
        try:
            order.left_s()
        except Failed:
            _virsh(order, "domjobabort", order.domain, must=False)
            raise
        time.sleep(_POLL_S)
    ended = _virsh(order, "domjobinfo", order.domain, "--completed", "--anystats", must=False)
    found = re.search(r"Job type:\s+(.*)", ended)
    return found[1].strip() if found else "how it ended is not known"


def _stored_disk(order: Order, disk: dict[str, str]) -> dict[str, object]:
    path = order.folder / disk["file"]
    # An incremental copy names the disk of the running VM as what is behind it: nothing must ever open that.
    _run(order, ["qemu-img", "rebase", "-u", "-f", "qcow2", "-b", "", str(path)], "host")
    return {**disk, "octets": path.stat().st_size, "sha256": _sha256(path)}


def _stored_image(order: Order, path: str) -> dict[str, object]:
    """Names the image by its digest, and stores it unless it was stored before."""
    digest, octets = _image_digest(order, Path(path)), Path(path).stat().st_size
    if order.restic and digest not in order.stored_images:
        tags = ["everprint-image", f"sha256={digest}"]
        _store(order, str(Path(path).parent), Path(path).name, tags)
        order.stored_images.append(digest)
    return {"path": path, "sha256": digest, "octets": octets}


def _image_digest(order: Order, path: Path) -> str:
    """Looked up if the file is the same as last time: a system disk has gigabytes, and replicas come every minute."""
    kept = order.scratch / "digests.json"
    try:
        known: dict[str, list[object]] = json.loads(kept.read_text("utf-8"))
    except (OSError, ValueError):
        known = {}
    found = path.stat()
    identity: list[object] = [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]
    if (last := known.get(str(path), []))[:-1] == identity:
        return str(last[-1])
    digest = _sha256(path)
    new = kept.with_name(f"digests.{os.getpid()}")
    new.write_text(json.dumps({**known, str(path): [*identity, digest]}), "utf-8")
    new.replace(kept)
    return digest


def _store(order: Order, folder: str, what: str, tags: list[str]) -> dict[str, object]:
    words = [word for tag in tags for word in ("--tag", tag)]
    argv = ["env", "-C", folder, *order.restic, "backup", "--json", "--host", order.domain, *words, "--", what]
    said = _run(order, argv, "repository")
    for line in reversed(said.splitlines()):
        found = json.loads(line) if line.startswith("{") else {}
        if isinstance(found, dict) and found.get("message_type") == "summary":
            return found
    raise Failed("repository", "restic did not say what it stored")


def _frozen(order: Order) -> bool:
    asked = '{"execute":"guest-fsfreeze-status"}'
    said = _virsh(order, "qemu-agent-command", order.domain, asked, "--timeout", "5", must=False)
    return '"frozen"' in said


def _checkpoints(order: Order) -> list[str]:
    """Those of ours: a VM may have others' beside them."""
    ours = re.compile(re.escape(f"{order.domain}{order.mark}") + r"-\d{8}T\d{6}Z")
    listed = _virsh(order, "checkpoint-list", order.domain, "--name", must=False)
    return [name for name in listed.split() if ours.fullmatch(name)]


def _written(order: Order, name: str, text: str) -> str:
    path = order.folder / f"{name}.xml"
    path.write_text(text, "utf-8")
    return str(path)


def _virsh(order: Order, *words: str, must: bool = True, within_s: float = _ANSWER_S) -> str:
    """What virsh says; nothing if it fails and need not do it."""
    try:
        return _run(order, ["virsh", "--quiet", *words], "libvirt", within_s)
    except Failed:
        if must:
            raise
        return ""


def _run(order: Order, argv: list[str], stage: str, within_s: float | None = None) -> str:
    within_s = order.left_s() if within_s is None else within_s
    try:
        ended = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=within_s,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise Failed("host", f"{argv[0]} is not installed here") from None
    except subprocess.TimeoutExpired:
        raise Failed("time", f"{argv[0]} did not end within {within_s:.0f} s") from None
    if ended.returncode != 0:
        said = ended.stderr.decode("utf-8", "replace").strip() or ended.stdout.decode("utf-8", "replace").strip()
        raise Failed(stage, said or f"{argv[0]} ended with {ended.returncode}")
    return ended.stdout.decode("utf-8", "replace")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
