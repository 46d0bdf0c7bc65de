"""Proves a point by using it: brought back aside, measured, booted where nothing hears it, its ledger audited."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from everprint.cluster.backup.bringing_back import BroughtBack, Workshop
from everprint.cluster.backup.definition import with_files
from everprint.cluster.backup.errors import BackupError, Damaged
from everprint.cluster.backup.history import chain_of
from everprint.cluster.backup.point import Consistency, Point
from everprint.cluster.backup.program_at_host import BOOT, run_at_host
from everprint.cluster.backup.repository import Contents
from everprint.cluster.backup.trial import audit_of, readiness_url, trial_command
from everprint.cluster.topology.model import Topology, VirtualMachine

_AROUND_S = 60.0


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found about a point."""

    point: str
    damage: str
    """What is wrong with it; empty: nothing was found."""
    consistency: Consistency
    chain: tuple[str, ...]
    """The points that were read for it."""
    ready_s: float | None
    """Seconds until the copy was ready; None: it was not booted, or never was ready."""
    audit: str
    """How the copy's ledger came out, in words; empty: it has none, or was not booted."""
    seconds: float

    @property
    def is_good(self) -> bool:
        return not self.damage

    def as_json(self) -> dict[str, object]:
        """The form for programs."""
        return {"good": self.is_good, **asdict(self)}


def verify(
    topology: Topology,
    vm: VirtualMachine,
    workshop: Workshop,
    contents: Contents,
    point: Point,
    *,
    boot_within_s: float,
) -> Proof:
    """Proves one point; with `boot_within_s` 0 its files only. Raises BackupError if that itself is impossible."""
    began = time.monotonic()
    chain: Sequence[Point] = (point,)
    damage, ready_s, audit = "", None, ""
    with workshop.folder("verify") as folder:
        try:
            chain = chain_of(contents.of(vm.name), point)
            back = workshop.bring_back(chain, folder)
            images = workshop.images(back.manifest, contents.images, folder)
            if boot_within_s:
                ready_s, audit, damage = _boot(topology, vm, workshop, back, images, boot_within_s)
        except Damaged as error:
            damage = str(error)
    names = tuple(one.name for one in chain)
    return Proof(point.name, damage, point.consistency, names, ready_s, audit, round(time.monotonic() - began, 1))


def _boot(
    topology: Topology,
    vm: VirtualMachine,
    workshop: Workshop,
    back: BroughtBack,
    images: dict[str, str],
    within_s: float,
) -> tuple[float | None, str, str]:
    """Seconds until it was ready, how the audit came out, and what is wrong."""
    files = {**images, **back.disks}
    if back.manifest.seed:
        files[back.manifest.seed] = f"{back.folder}/seed.img"
    xml = with_files(workshop.must("cat", f"{back.folder}/domain.xml"), files)
    order: dict[str, object] = {
        "argv": trial_command(topology, vm, xml),
        "url": readiness_url(vm),
        "audit": audit_of(vm),
        "within_s": within_s,
    }
    said = run_at_host(workshop.hosts, workshop.host, BOOT, order, within_s * 2 + _AROUND_S)
    if said["ready_s"] is None:
        console = str(said.get("console", ""))
        return (
            None,
            "",
            f"{back.manifest.point}: the copy was not ready after {within_s:.0f} s: {said['said']}\n{console}",
        )
    ready_s = float(str(said["ready_s"]))
    if "audit" not in said:
        return ready_s, "", ""
    if said["audit_code"] == 0:
        return ready_s, "the ledger is right", ""
    return ready_s, "not proven", f"{back.manifest.point}: the ledger's audit in the copy: {audit_said(said)}"


def audit_said(said: dict[str, object]) -> str:
    """What the audit in a copy found, from what its boot told."""
    text = str(said["audit"]).strip()
    if said["audit_code"] is None:
        return f"it could not be run: {text}"
    try:
        findings = json.loads(text)["findings"]
    except (ValueError, KeyError, TypeError):
        return text[-500:] or f"it ended with {said['audit_code']}"
    return f"{len(findings)} findings, the first: {findings[0]}" if findings else text[-500:]


def chosen(contents: Contents, vm: VirtualMachine, name: str) -> Point:
    """The VM's point of that name, or its last one. Raises BackupError."""
    points = contents.of(vm.name)
    if not points:
        raise BackupError(f"there is no point of {vm.name}")
    if not name:
        return points[-1]
    for point in points:
        if point.name == name:
            return point
    raise BackupError(f"there is no point {name} of {vm.name}; its last is {points[-1].name}")
