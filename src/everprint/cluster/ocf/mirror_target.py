"""ocf:everprint:MirrorTarget: takes, on one host, the copy of a disk that a MirroredMachine writes on the other.

It gives away no copy that is the only good one, and makes a new one only where none can be lost.
"""

from __future__ import annotations

from pathlib import Path

from everprint.cluster.ocf.agent import Action, Agent, Call, Code, Parameter, Refusal
from everprint.cluster.ocf.mirror import served
from everprint.cluster.ocf.mirror.copies import copies_of
from everprint.cluster.ocf.mirror.places import AUTHORITY, CERTIFICATES_FOLDER, record_of
from everprint.cluster.ocf.mirror.record import note, utc_now
from everprint.cluster.ocf.mirror.served import CannotServe
from everprint.cluster.ocf.mirror.shared import NoWord, SharedTruth
from everprint.cluster.ocf.mirror.truth import Damaged, as_target, may_be_made_anew, may_be_written_over


def start(call: Call) -> None:
    """Serves this host's copy, and makes one if there is none."""
    validate(call)
    copies, vm, disk = copies_of(call), call.parameters["vm"], Path(call.parameters["disk"])
    if served.process_of(call.state, vm):
        return
    try:
        truth = SharedTruth(vm).read()
        if not may_be_written_over(call.host, copies.home, truth):
            raise Refusal(Code.ERR_GENERIC, f"{call.host} has the only good copy of {vm}: it is not written over")
        size_mib = int(call.parameters["size"])
        may_be_new = may_be_made_anew(call.host, copies.home, truth)
        if may_be_new and (not disk.exists() or served.size_of(disk) != size_mib << 20):
            disk.unlink(missing_ok=True)
            served.make_copy(disk, size_mib)
        if not disk.exists():
            raise Refusal(Code.ERR_GENERIC, f"{disk} is gone; a new one is made when {vm} knows that it is lost")
        note(record_of(str(disk)), as_target(truth, utc_now()))
        own = copies.own(call.host)
        port, certificates = int(call.parameters["port"]), call.parameters["certificates"]
        served.serve(call.state, vm, disk, own.address, port, certificates)
    except (NoWord, Damaged, CannotServe, OSError) as error:
        raise Refusal(Code.ERR_GENERIC, str(error)) from error


def stop(call: Call) -> None:
    """Takes no more."""
    if not served.end(call.state, call.parameters["vm"], call.deadline):
        raise Refusal(Code.ERR_GENERIC, "qemu-nbd does not end")


def monitor(call: Call) -> None:
    """Does it serve? Whether it answers is asked by who writes."""
    if not served.process_of(call.state, call.parameters["vm"]):
        raise Refusal(Code.NOT_RUNNING, "it does not run")


def validate(call: Call) -> None:
    """Is all there that a start needs?"""
    copies_of(call)
    if not (Path(call.parameters["certificates"]) / AUTHORITY).is_file():
        what = f"there are no certificates in {call.parameters['certificates']}: `everprint cluster apply` makes them"
        raise Refusal(Code.ERR_INSTALLED, what)


AGENT = Agent(
    name="MirrorTarget",
    summary="Takes the copy of a disk that a MirroredMachine writes",
    text="Serves a host's copy of a disk by NBD with TLS to the other host of its mirror. Never runs beside the VM. "
    "Gives away no copy that is the only good one.",
    parameters=(
        Parameter("vm", "string", None, "The domain's name."),
        Parameter("disk", "string", None, "Path of the copy."),
        Parameter("size", "integer", None, "Its size in MiB."),
        Parameter("copies", "string", None, "The two hosts with their addresses: alpha=192.0.2.1 beta=192.0.2.2."),
        Parameter("port", "integer", None, "TCP port at which it is served."),
        Parameter("certificates", "string", CERTIFICATES_FOLDER, "Folder with the hosts' certificates."),
    ),
    actions=(
        Action("start", 600),
        Action("stop", 30),
        Action("monitor", 20, 10),
        Action("validate-all", 5),
    ),
    does={"start": start, "stop": stop, "monitor": monitor, "status": monitor, "validate-all": validate},
)
