"""What a synced write costs while the disk is mirrored to another host, beside `blockdev-mirror` set up by hand."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.result import Result, ratio, spread
from everprint.cluster.mirror.certificates import make_certificates
from everprint.cluster.ocf.mirror import served
from everprint.cluster.ocf.mirror.qemu import CopyPlace, mirroring
from rig.ports import free_port

TITLE = "A synced write on a mirrored disk"

_HERE = "127.0.0.1"
_SIZE_MIB = 512
_NODE = "disk"


def run(quick: bool) -> Result:
    """Each way by turns, on fresh disks: a 4 KiB write and a flush, again and again."""
    writes, rounds = (50, 1) if quick else (200, 3)
    result = Result(
        title=TITLE,
        columns=("", "ms a write", "beside no mirror"),
        notes=[
            f"{writes} times 4 KiB and a flush through QEMU's block layer to a qcow2 disk, cache=none; median of "
            f"{rounds} rounds by turns. Both copies are on one machine, so no network is in it, but one disk does "
            "the work of two.",
            "Ours: TLS, qcow2 with its room taken, and an answer only when the copy is on the disk (directsync). By "
            "hand: raw, no TLS, an answer when the copy is in the other host's memory (qemu-nbd's writeback).",
        ],
    )
    ways: dict[str, Callable[[Path, Path], Iterator[list[tuple[str, dict[str, object]]]]]] = {
        "no mirror": _nothing,
        "by hand, background": _by_hand("background"),
        "by hand, write-blocking": _by_hand("write-blocking"),
        "everprint": _ours,
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            took[name].append(_measured(way, writes))
    for name, values in took.items():
        result.rows.append((name, spread(values, 2), ratio(values, took["no mirror"])))
    return result


def _measured(way: Callable[[Path, Path], Iterator[list[tuple[str, dict[str, object]]]]], writes: int) -> float:
    """Milliseconds a write."""
    folder = Path(tempfile.mkdtemp(prefix="evp-mirror-"))
    source, copy = folder / "source.qcow2", folder / "copy"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", source, f"{_SIZE_MIB}M"], check=True)
    try:
        with contextmanager(way)(folder, copy) as commands, _qemu(folder, source) as ask:
            for command, arguments in commands:
                ask(command, arguments)
            while commands and not any(job["ready"] for job in _jobs(ask)):
                time.sleep(0.05)
            return _write(folder, writes)
    finally:
        shutil.rmtree(folder)


def _nothing(_: Path, __: Path) -> Iterator[list[tuple[str, dict[str, object]]]]:
    yield []


def _by_hand(mode: str) -> Callable[[Path, Path], Iterator[list[tuple[str, dict[str, object]]]]]:
    def way(_: Path, copy: Path) -> Iterator[list[tuple[str, dict[str, object]]]]:
        port = free_port()
        subprocess.run(["qemu-img", "create", "-q", "-f", "raw", copy, f"{_SIZE_MIB}M"], check=True)
        argv = [
            "qemu-nbd",
            "--persistent",
            f"--bind={_HERE}",
            f"--port={port}",
            "--format=raw",
            "-x",
            "vm",
            str(copy),
        ]
        with subprocess.Popen(argv) as server:
            _wait(port)
            address = {"type": "inet", "host": _HERE, "port": str(port)}
            yield [
                ("blockdev-add", {"driver": "nbd", "node-name": "copy", "server": address, "export": "vm"}),
                (
                    "blockdev-mirror",
                    {"job-id": "by-hand", "device": _NODE, "target": "copy", "sync": "full", "copy-mode": mode},
                ),
            ]
            server.kill()

    return way


def _ours(folder: Path, copy: Path) -> Iterator[list[tuple[str, dict[str, object]]]]:
    port = free_port()
    for name, content in make_certificates("bench", {"beta": (_HERE,)})["beta"].items():
        (folder / name).write_bytes(content)
    served.make_copy(copy, _SIZE_MIB)
    served.serve(folder, "vm", copy, _HERE, port, str(folder))
    try:
        yield mirroring(CopyPlace("beta", _HERE, port, "vm", str(folder)), _NODE)
    finally:
        served.end(folder, "vm", time.monotonic() + 10)


@contextmanager
def _qemu(folder: Path, source: Path) -> Iterator[Callable[[str, dict[str, object]], object]]:
    """A QEMU without a machine that has the disk, and lets it be written to by a socket."""
    monitor, disk = folder / "monitor", folder / "disk"
    argv = ["qemu-system-x86_64", "-machine", "none", "-nodefaults", "-display", "none"]
    argv += ["-qmp", f"unix:{monitor},server=on,wait=off"]
    node = {"driver": "qcow2", "node-name": _NODE, "cache": {"direct": True}}
    file = {"driver": "file", "filename": str(source), "cache": {"direct": True}}
    with subprocess.Popen([*argv, "-blockdev", json.dumps({**node, "file": file})]) as process:
        try:
            with _connected(monitor) as connection:
                stream = connection.makefile("rw")
                stream.readline()

                def ask(command: str, arguments: dict[str, object]) -> object:
                    stream.write(json.dumps({"execute": command, "arguments": arguments}))
                    stream.flush()
                    while "event" in (said := json.loads(stream.readline())):
                        pass
                    return said["return"]

                ask("qmp_capabilities", {})
                ask("nbd-server-start", {"addr": {"type": "unix", "data": {"path": str(disk)}}})
                export = {"type": "nbd", "id": "all", "node-name": _NODE, "name": "vm", "writable": True}
                ask("block-export-add", export)
                yield ask
        finally:
            process.kill()


def _connected(monitor: Path) -> socket.socket:
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(monitor))
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            time.sleep(0.02)
        else:
            return connection


def _jobs(ask: Callable[[str, dict[str, object]], object]) -> list[dict[str, object]]:
    found = ask("query-block-jobs", {})
    return found if isinstance(found, list) else []


def _write(folder: Path, writes: int) -> float:
    script = "".join(f"write -q {number * 65536} 4k\nflush\n" for number in range(writes))
    began = time.monotonic()
    subprocess.run(
        ["qemu-io", "-f", "raw", f"nbd+unix:///vm?socket={folder / 'disk'}"],
        input=script.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return (time.monotonic() - began) / writes * 1000


def _wait(port: int) -> None:
    while True:
        try:
            socket.create_connection((_HERE, port), timeout=5).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
