"""The mirror job in the VM's own QEMU, by libvirt's way to its monitor (QMP; QEMU's manual, blockdev-mirror).

Connections that break are waited for (*reconnect-delay*), and so is every write that is to go through them: the
guest learns of no write that the copy does not have, until this side says that the copy counts no more.
"""

from __future__ import annotations

import json
import queue
import re
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from everprint.cluster.ocf.domain_control import DomainControl, NoAnswer

JOB = "everprint-mirror"
_COPY = "everprint-copy"
_CREDENTIALS = "everprint-credentials"
_FOR_EVER_S = 4_000_000
_ANSWER_S = 20.0
_EVENT = re.compile(r"event (BLOCK_JOB_[A-Z]+) at \S+ for domain .*: (\{.*\})")
_ENDS = ("BLOCK_JOB_ERROR", "BLOCK_JOB_COMPLETED", "BLOCK_JOB_CANCELLED")


@dataclass(frozen=True, slots=True)
class Job:
    """The mirror job as QEMU tells of it."""

    is_ready: bool
    is_failing: bool
    done_octets: int
    all_octets: int


@dataclass(frozen=True, slots=True)
class CopyPlace:
    """Where the other copy is served."""

    host: str
    """Its name, which its certificate must have."""
    address: str
    port: int
    export: str
    certificates: str


def mirroring(place: CopyPlace, source: str) -> list[tuple[str, dict[str, object]]]:
    """The commands of QEMU's monitor that mirror a node to that place."""
    credentials = {"id": _CREDENTIALS, "endpoint": "client", "dir": place.certificates, "verify-peer": True}
    server = {"type": "inet", "host": place.address, "port": str(place.port)}
    trust = {"tls-creds": _CREDENTIALS, "tls-hostname": place.host}
    waits = {"reconnect-delay": _FOR_EVER_S}
    copy = {"driver": "nbd", "node-name": _COPY, "server": server, "export": place.export, **trust, **waits}
    how = {"sync": "full", "copy-mode": "write-blocking", "on-source-error": "report", "on-target-error": "report"}
    return [
        ("object-add", {"qom-type": "tls-creds-x509", **credentials}),
        ("blockdev-add", copy),
        ("blockdev-mirror", {"job-id": JOB, "device": source, "target": _COPY, **how}),
    ]


class MirroredDisk:
    """One disk of a running domain. All raise NoAnswer."""

    def __init__(self, domain: str, uri: str, disk: str) -> None:
        self._name, self._uri, self._disk = domain, uri, disk
        self._process = 0

    def runs(self) -> bool:
        """Is there a QEMU of this domain? Asked of the machine itself: libvirt may be in trouble."""
        domain = DomainControl(self._name, self._uri)
        if not domain.is_process(self._process):
            self._process = next(iter(domain.processes()), 0)
        return self._process != 0

    def job(self) -> Job | None:
        """The mirror job, if there is one."""
        found = self._ask("query-block-jobs")
        for one in found if isinstance(found, list) else ():
            if one["device"] == JOB:
                failing = one["io-status"] != "ok" or "error" in one
                return Job(one["ready"], failing, one["offset"], one["len"])
        return None

    def begin(self, place: CopyPlace) -> None:
        """Copies everything, and from now on each write into both."""
        self.clear()
        for command, arguments in mirroring(place, self._source()):
            self._ask(command, arguments)

    def release(self) -> None:
        """Ends the mirror, whatever hangs in it; the guest's writes go on here alone."""
        # The connection first: a server that stands still would hold up the end of the job, and QEMU with it.
        with suppress(NoAnswer):
            self._ask("yank", {"instances": [{"type": "block-node", "node-name": _COPY}]})
        with suppress(NoAnswer):
            self._ask("block-job-cancel", {"device": JOB, "force": True})
        deadline = time.monotonic() + _ANSWER_S
        while self.job() is not None:
            if time.monotonic() > deadline:
                raise NoAnswer("the mirror job does not end")
            time.sleep(0.05)
        self.clear()

    def clear(self) -> None:
        """Takes away what a job has left."""
        for command, arguments in (("blockdev-del", {"node-name": _COPY}), ("object-del", {"id": _CREDENTIALS})):
            with suppress(NoAnswer):
                self._ask(command, arguments)

    def pause(self) -> None:
        """The guest stands still."""
        self._ask("stop")

    def go_on(self) -> None:
        """The guest goes on."""
        self._ask("cont")

    def _source(self) -> str:
        """The name of the disk's node, as libvirt has made it."""
        nodes = self._ask("query-named-block-nodes", {"flat": True})
        for node in nodes if isinstance(nodes, list) else ():
            if node["drv"] in ("qcow2", "raw") and node["file"] == self._disk and node["node-name"].startswith("lib"):
                return str(node["node-name"])
        raise NoAnswer(f"the domain has no disk {self._disk}")

    def _ask(self, command: str, arguments: Mapping[str, object] | None = None) -> object:
        asked = json.dumps({"execute": command, **({"arguments": arguments} if arguments else {})})
        domain = DomainControl(self._name, self._uri)
        said = json.loads(domain.virsh("qemu-monitor-command", self._name, asked, within_s=_ANSWER_S))
        if "error" in said:
            raise NoAnswer(f"{command}: {said['error'].get('desc', 'refused')}")
        return said["return"]


class JobEvents:
    """What QEMU tells of the mirror job, as soon as it tells it."""

    def __init__(self, domain: str, uri: str) -> None:
        argv = ["virsh", "--quiet", "--connect", uri, "qemu-monitor-event", domain, "--loop"]
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [*argv, "--event", "BLOCK_JOB_", "--regex"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def are_heard(self) -> bool:
        """Is anybody listening?"""
        return self._process.poll() is None

    def wait(self, within_s: float) -> bool:
        """Did the job fail or end, before or within that time?"""
        try:
            self._ended.get(timeout=within_s)
        except queue.Empty:
            return False
        return True

    def forget(self) -> None:
        """What was told until now is known."""
        with suppress(queue.Empty):
            while True:
                self._ended.get_nowait()

    def end(self) -> None:
        """Listens no more."""
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        stream: Sequence[bytes] = self._process.stdout  # type: ignore[assignment]
        for line in stream:
            found = _EVENT.match(line.decode("utf-8", "replace"))
            if found and found[1] in _ENDS and json.loads(found[2]).get("device") == JOB:
                self._ended.put(found[1])
