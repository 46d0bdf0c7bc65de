"""ocf:everprint:MirroredMachine: a VM whose disk is on two hosts. Starts from no copy that may lack a write.

A VirtualMachine in all else; it is not moved live, for its disk would have to go along.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from everprint.cluster.ocf import virtual_machine
from everprint.cluster.ocf.agent import Action, Agent, Call, Code, Parameter, Refusal
from everprint.cluster.ocf.domain_control import DomainControl, Silent, State
from everprint.cluster.ocf.mirror import keeper, served
from everprint.cluster.ocf.mirror.copies import Copies, copies_of
from everprint.cluster.ocf.mirror.keeper import KeptMirror
from everprint.cluster.ocf.mirror.places import CERTIFICATES_FOLDER, record_of
from everprint.cluster.ocf.mirror.qemu import CopyPlace
from everprint.cluster.ocf.mirror.record import look_up, note, utc_now
from everprint.cluster.ocf.mirror.shared import NoWord, SharedTruth
from everprint.cluster.ocf.mirror.truth import Damaged, Record, Start, Truth, alone, given_back, may_start, refusal

_PROGRAM = "import sys; sys.path.insert(0, {!r}); from everprint.cluster.ocf.mirror.keeper import main; main()"
_LOG = Path("/var/log/everprint-mirror.log")


def start(call: Call) -> None:
    """Starts the VM if this host's copy is good, after the cluster has noted that it runs here alone for now."""
    virtual_machine.validate(call)
    copies = copies_of(call)
    domain = DomainControl(call.parameters["domain"], call.parameters["hypervisor"])
    if domain.state() is not State.RUNNING:
        served.end(call.state, domain.name, call.deadline)
        before, now = _begin_alone(call, copies)
        try:
            virtual_machine.start(call)
        except Refusal as refused:
            # A libvirt that did not answer in time may start it yet, and the guest may write.
            may_come = isinstance(refused.__cause__, Silent)
            if before and not may_come and not domain.processes():
                _give_back(call, given_back(before, now))
            raise
    _keep(call, copies)


def stop(call: Call) -> None:
    """Stops the VM, then what kept its mirror: until the guest has ended its last writes go to both."""
    virtual_machine.stop(call)
    keeper.end(call.state, call.parameters["domain"])


def monitor(call: Call) -> None:
    """As a VirtualMachine; a guest that stands still until its mirror's loss is noted is well."""
    vm = call.parameters["domain"]
    status = keeper.status_here(call.state, vm)
    domain = DomainControl(vm, call.parameters["hypervisor"])
    if status.get("paused") and keeper.process_of(call.state, vm) and domain.state() is State.PAUSED:
        return
    virtual_machine.monitor(call)
    if not call.is_probe:
        _keep(call, copies_of(call))


def validate(call: Call) -> None:
    """Is all there that a start needs?"""
    virtual_machine.validate(call)
    copies_of(call)


def _begin_alone(call: Call, copies: Copies) -> tuple[Truth | None, Truth]:
    """What the cluster said before, and says now."""
    vm, disk, shared = call.parameters["domain"], call.parameters["disk"], SharedTruth(call.parameters["domain"])
    try:
        before, record = shared.read(), look_up(record_of(disk))
        verdict = may_start(call.host, copies.home, before, record)
        if verdict is not Start.YES:
            # Not tried again here until somebody has done something: the engine may try the other host.
            raise Refusal(Code.ERR_INSTALLED, refusal(verdict, vm, call.host, before))
        if not Path(disk).is_file():
            raise Refusal(Code.ERR_INSTALLED, f"there is no disk {disk} on {call.host}")
        truth = alone(call.host, before, utc_now())
        # Here first: a start that is interrupted between the two leaves a record of one more, and nothing has run.
        note(record_of(disk), Record(truth.generation, is_target=False, since=truth.since))
        _note_for_all(shared, truth)
    except (NoWord, Damaged, OSError) as error:
        raise Refusal(Code.ERR_GENERIC, f"which copy of {vm} is good cannot be told: {error}") from error
    return before, truth


def _give_back(call: Call, truth: Truth) -> None:
    """The other host may have a copy as good: a host on which nothing starts must not keep the VM down."""
    try:
        SharedTruth(call.parameters["domain"]).note(truth)
    except NoWord as error:
        call.say(f"the other copy does not count again: {error}")


def _note_for_all(shared: SharedTruth, truth: Truth) -> None:
    shared.note(truth)
    if shared.read() != truth:
        raise NoWord("it did not keep what was noted")


def _keep(call: Call, copies: Copies) -> None:
    """Starts the keeper if none runs."""
    vm = call.parameters["domain"]
    if keeper.process_of(call.state, vm):
        return
    peer = copies.other(call.host)
    certificates = call.parameters["certificates"]
    mirror = KeptMirror(
        vm=vm,
        hypervisor=call.parameters["hypervisor"],
        disk=call.parameters["disk"],
        host=call.host,
        place=CopyPlace(peer.host, peer.address, int(call.parameters["port"]), vm, certificates),
        lost_after_s=int(call.parameters["lost_after"]) / 1000,
        state=call.state,
    )
    log = call.state / f"everprint-mirror-{vm}.log"
    with suppress(OSError), _LOG.open("ab"):
        log = _LOG
    library = str(Path(__file__).parents[3])
    with log.open("ab") as stream:
        subprocess.Popen(
            [sys.executable, "-IB", "-c", _PROGRAM.format(library), mirror.written()],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            cwd="/",
            start_new_session=True,
        )


AGENT = Agent(
    name="MirroredMachine",
    summary="A virtual machine whose disk is mirrored to another host as it is written",
    text="A VirtualMachine with its disk on two hosts. A write is acknowledged when both have it, or when the "
    "cluster has noted that one has not. It starts only from a copy that has all acknowledged writes.",
    parameters=(
        *(one for one in virtual_machine.AGENT.parameters if not one.name.startswith("migrat")),
        Parameter("disk", "string", None, "Path of its disk, the same on both hosts."),
        Parameter("copies", "string", None, "The two hosts with their addresses: alpha=192.0.2.1 beta=192.0.2.2."),
        Parameter("port", "integer", None, "TCP port at which the other host takes the copy."),
        Parameter("lost_after", "integer", "3000", "A copy that did not answer for so many ms is lost."),
        Parameter("certificates", "string", CERTIFICATES_FOLDER, "Folder with the hosts' certificates."),
    ),
    actions=(
        Action("start", 180),
        Action("stop", 90),
        Action("monitor", 30, 5),
        Action("validate-all", 5),
    ),
    does={"start": start, "stop": stop, "monitor": monitor, "status": monitor, "validate-all": validate},
)
