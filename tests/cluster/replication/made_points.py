"""Points as a host makes them, without a VM: small qcow2 images, a manifest, and the stream that they are sent in."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from everprint.cluster.backup.program_at_host import program_text
from everprint.cluster.replication.other_site import SHELF

SEND = "everprint.cluster.replication.at_host.send"
VM = "server"
KIB = 1 << 10


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class MadePoints:
    """One host that has points to send, and another one's folder for them."""

    def __init__(self, folder: Path) -> None:
        self.source, self.target = folder / "source", folder / "target"
        self.source.mkdir()
        self.image = folder / "vmlinuz"
        self.image.write_bytes(b"a kernel")

    def make(self, number: int, base: int | None) -> str:
        """A point that writes its number into the block of that number; of `base` None it is whole."""
        name = f"{VM}-replica-20261127T0200{number:02d}Z"
        folder = self.source / name
        folder.mkdir()
        disk = folder / "vda.qcow2"
        qemu_img("create", "-q", "-f", "qcow2", str(disk), "4M")
        write = f"write -P {number} {number * 64 * KIB} {64 * KIB}"
        subprocess.run(["qemu-io", "-f", "qcow2", "-c", write, str(disk)], check=True, stdout=subprocess.DEVNULL)
        found = {"device": "vda", "file": disk.name, "source": "/srv/server.qcow2"}
        manifest = {
            "format": 1,
            "vm": VM,
            "cluster": "print",
            "point": name,
            "host": "alpha",
            "kind": "full" if base is None else "incremental",
            "base": "" if base is None else f"{VM}-replica-20261127T0200{base:02d}Z",
            "consistency": "quiesced",
            "notes": [],
            "frozen_ms": 1,
            "disks": [{**found, "octets": disk.stat().st_size, "sha256": digest(disk)}],
            "images": [{"path": str(self.image), "sha256": digest(self.image), "octets": 8}],
            "seed": "",
        }
        (folder / "manifest.json").write_text(json.dumps(manifest))
        (folder / "domain.xml").write_text("<domain/>")
        return name

    def stream(self, name: str, *, start: int = 0, image: bool = False, limit: int = 0) -> bytes:
        """What is sent of the point."""
        folder = self.source / name
        disk = folder / "vda.qcow2"
        files = [{"path": str(disk), "name": "vda.qcow2", "sha256": digest(disk), "from": start}]
        if image:
            named = f"image-{digest(self.image)}-vmlinuz"
            files.append({"path": str(self.image), "name": named, "sha256": digest(self.image), "from": 0})
        for small in ("manifest.json", "domain.xml"):
            files.append({"path": str(folder / small), "name": small, "sha256": "", "from": 0})
        return program(SEND, {"files": files, "limit": limit, "compression": True}, b"")

    def receive(self, name: str, stream: bytes, keep: int = 100) -> dict[str, object]:
        """What the other host says to the stream."""
        return self.ask({"do": "receive", "point": name, "keep": keep}, stream)

    def look(self) -> dict[str, object]:
        return self.ask({"do": "look"}, b"")

    def ask(self, order: dict[str, object], stream: bytes) -> dict[str, object]:
        said = json.loads(program(SHELF, {"folder": str(self.target), "vm": VM, **order}, stream))
        assert isinstance(said, dict)
        return said

    def names(self) -> list[str]:
        """The whole points there."""
        points = self.look()["points"]
        assert isinstance(points, list)
        return [point["point"] for point in points]

    def blocks(self, name: str, numbers: range) -> list[int]:
        """What is in each block of the disk of a point there: its number, or 0."""
        disk = self.target / "vms" / VM / "points" / name / "vda.qcow2"
        raw = self.target / "raw"
        qemu_img("convert", "-f", "qcow2", "-O", "raw", str(disk), str(raw))
        octets = raw.read_bytes()
        return [octets[number * 64 * KIB] for number in numbers]


def qemu_img(*words: str) -> None:
    subprocess.run(["qemu-img", *words], check=True, stdout=subprocess.DEVNULL)


def program(module: str, order: dict[str, object], stdin: bytes) -> bytes:
    """What the module writes, run as at a host."""
    argv = [sys.executable, "-I", "-c", program_text(module, order)]
    return subprocess.run(argv, input=stdin, capture_output=True, check=True, timeout=120).stdout
