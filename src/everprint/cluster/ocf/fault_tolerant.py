"""ocf:everprint:FaultTolerant: a VM with a twin in lock-step on another host, as a promotable clone of Pacemaker.

Two instances are started; the promoted one runs the VM, the other one is, or is being made, its twin. Nothing is
taken over that the engine did not promote, and the engine promotes after it has fenced. Which disk is the current
one, and who is as far, is in the record (`fault_tolerance.record`): it decides who may be promoted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from everprint.cluster.fault_tolerance.engine import ATTRIBUTE, NoEngine
from everprint.cluster.fault_tolerance.monitor import MonitorError
from everprint.cluster.fault_tolerance.protection import take_over
from everprint.cluster.fault_tolerance.record import BadRecord, Record
from everprint.cluster.fault_tolerance.verdict import VERDICT
from everprint.cluster.ocf import runs
from everprint.cluster.ocf.agent import Action, Agent, Call, Code, Parameter, Refusal
from everprint.cluster.ocf.domain_control import wait_until
from everprint.cluster.ocf.half import Half
from everprint.cluster.ocf.health import Fault, Grace
from everprint.cluster.ocf.tending import (
    DISK_SCORE,
    invite,
    lose_twin,
    may_begin,
    rate,
    tend_primary,
    tend_twin,
)

_FOR_FORCE_S = 15.0
_HANDING_OVER = "handing-over"


def start(call: Call) -> None:
    """Begins as the one that is not promoted.

    The monitor makes a twin of it: while an action runs the engine goes on with nothing, and may have somebody to
    promote.
    """
    half = Half(call)
    validate(call)
    if half.is_primary and half.lives:
        return
    half.cut()
    half.begin()
    _fault(call).forget()
    with _refused_engine():
        rate(half)


def stop(call: Call) -> None:
    """Ends its QEMU; a VM that runs without a twin is asked to shut down first."""
    half = Half(call)
    if half.is_primary:
        _end_primary(call, half)
    half.cut()
    half.forget()
    with _refused_engine():
        half.engine.set_score(0)
        half.engine.publish("offer", "")
        half.engine.publish("state", "")


def monitor(call: Call) -> None:
    """Is it started, and as what? A primary is tended: its service asked, its twin looked after."""
    half = Half(call)
    if not half.is_started:
        if half.lives:
            raise Refusal(Code.ERR_GENERIC, "it runs, but nobody started it")
        raise Refusal(Code.NOT_RUNNING, "it does not run")
    with _refused_engine():
        if not half.is_primary:
            _tended(call, half, tend_twin)
            return
        if not half.lives:
            # Its twin, if it has one, is as far as it was; this one is not.
            half.engine.set_score(0 if _twin_of(half) else DISK_SCORE)
            _fault(call).note()
            _note(call, half, runs.FAILED, "its QEMU has ended")
            raise Refusal(Code.FAILED_PROMOTED, "its QEMU has ended")
        if not call.is_probe:
            _tended(call, half, tend_primary)
    raise Refusal(Code.RUNNING_PROMOTED, "it is the primary")


def _tended(call: Call, half: Half, tend: Callable[[Call, Half], None]) -> None:
    """What cannot be looked after now is at the next look: it is no failure of the VM."""
    try:
        tend(call, half)
    except (NoEngine, MonitorError) as error:
        call.say(str(error))


def promote(call: Call) -> None:
    """Runs the VM here: a twin in lock-step takes over; without one it is started from the current disk.

    Refuses where the disk is not the current one.
    """
    half = Half(call)
    if half.is_primary and half.lives:
        return
    _fault(call).forget()
    with _refused_engine():
        record = half.engine.record()
        if record is not None and record.twin == half.host and half.may_be_twin:
            # Written first: from now on the other one's disk is not the current one any more.
            half.engine.write_record(record.taken_over())
            half.note_run(record.twin_disk)
            half.be_primary()
            half.ask(take_over)
            _note(call, half, runs.STARTED, "as it stood")
            disk = record.twin_disk
        else:
            disk = _begun(call, half, record)
        half.engine.publish("offer", "")
        invite(half, disk)
        rate(half)


def demote(call: Call) -> None:
    """Lets the VM go: to its twin as it stands, if the engine promotes that one next; else it is shut down."""
    half = Half(call)
    if half.is_primary:
        _end_primary(call, half)
        half.cut()


def notify(call: Call) -> None:
    """What happens to the other half: who is to be promoted next, and that the twin is gone."""
    half = Half(call)
    when, what = call.meta.get("notify_type", ""), call.meta.get("notify_operation", "")
    if not half.is_started:
        return
    with _refused_engine():
        if (when, what) == ("pre", "demote") and half.is_primary:
            half.note(_HANDING_OVER, call.meta.get("notify_promote_uname", ""))
        elif (when, what) == ("post", "stop") and half.is_primary:
            lose_twin(call, half, call.meta.get("notify_stop_uname", "").split())
        elif (when, what) == ("post", "promote") and not half.is_primary:
            tend_twin(call, half)


def validate(call: Call) -> None:
    """Is all there that a start needs?"""
    half = Half(call)
    record = None
    with _refused_engine():
        record = half.engine.record()
    if half.definition.shared and not (half.disk_is_here("a") or half.disk_is_here("b")):
        raise Refusal(Code.ERR_INSTALLED, f"neither of its disks is there: {half.place('a').disk}")
    if record is None and half.has_run:
        name = half.definition.machine.name
        raise Refusal(
            Code.ERR_INSTALLED,
            f"the cluster does not know any more which disk of {name} is the current one: find it out, and say so by "
            f"`crm_attribute --type crm_config --name {ATTRIBUTE}{name} --update a@HOST` (or b@HOST)",
        )
    if record is not None and record.host not in half.definition.hosts:
        raise Refusal(Code.ERR_CONFIGURED, f"its record names {record.host}, which is none of its hosts")


def _begun(call: Call, half: Half, record: Record | None) -> str:
    """Starts it from the current disk, which it returns the letter of."""
    if not may_begin(half, record):
        raise Refusal(Code.ERR_GENERIC, f"the current disk is not here; the record says {record}")
    half.cut()
    now = Record(record.disk if record else "a", half.host)
    if not half.disk_is_here(now.disk):
        raise Refusal(Code.ERR_INSTALLED, f"there is no {half.place(now.disk).disk}")
    half.engine.write_record(now)
    half.note_run(now.disk)
    half.run_alone(now.disk)
    _note(call, half, runs.STARTED)
    half.ask(lambda primary: primary.do("cont"))
    if call.parameters["health"]:
        Grace(call.state, call.instance).begin(float(call.parameters["start_grace"]))
    return now.disk


def _end_primary(call: Call, half: Half) -> None:
    half.end_keeping()
    twin, next_one = _twin_of(half), half.noted(_HANDING_OVER).split()
    half.drop(_HANDING_OVER)
    if half.lives and twin and twin in next_one:
        _note(call, half, runs.LEFT, twin)
        return
    if half.lives and not _fault(call).is_noted():
        _shut_down(call, half)
    _note(call, half, runs.STOPPED)


def _shut_down(call: Call, half: Half) -> None:
    asked_s = min(float(call.parameters["shutdown_timeout"]), max(call.left_s() - _FOR_FORCE_S, 0))
    try:
        half.ask(lambda primary: primary.do("system_powerdown", within_s=5))
    except MonitorError as error:
        call.say(f"cannot be asked to shut down: {error}")
        return
    if not wait_until(lambda: not half.lives, time.monotonic() + asked_s):
        call.say(f"did not shut down within {asked_s:.0f} s")


def _twin_of(half: Half) -> str:
    """Who may take over from this primary; empty: nobody, or the engine does not say."""
    try:
        record = half.engine.record()
    except (NoEngine, BadRecord):
        return ""
    return record.twin if record and record.host == half.host else ""


def _fault(call: Call) -> Fault:
    return Fault(call.state, call.instance)


def _note(call: Call, half: Half, word: str, text: str = "") -> None:
    runs.note(Path(call.parameters["runs"]), half.definition.machine.name, word, text)


@contextmanager
def _refused_engine() -> Iterator[None]:
    """What the engine or QEMU does not answer, as the end of the action."""
    try:
        yield
    except (NoEngine, BadRecord, MonitorError) as error:
        raise Refusal(Code.ERR_GENERIC, str(error)) from error


AGENT = Agent(
    name="FaultTolerant",
    summary="A virtual machine with a twin in lock-step on another host",
    text="A promotable clone of two instances. The promoted one runs the VM; the other one is its twin, equal to it "
    "at each checkpoint, and goes on where it stopped when it is promoted. A host whose disk is not the current one "
    "is never promoted.",
    parameters=(
        Parameter("definition", "string", None, "The file with the VM, the same on every host."),
        Parameter("verdict", "string", str(VERDICT), "What the trial of this host's QEMU found out."),
        Parameter("shutdown_timeout", "integer", "60", "Seconds for the guest to shut down before its power is cut."),
        Parameter("health", "string", "", "URL that answers 200 while its service lives. Empty: not asked."),
        Parameter("health_timeout", "integer", "3", "Seconds for the service to give a good answer."),
        Parameter("start_grace", "integer", "180", "Seconds after a start until it must answer."),
        Parameter("runs", "string", "/var/lib/everprint/runs", "Where it is noted when it ran here."),
    ),
    actions=(
        Action("start", 120),
        Action("stop", 90),
        Action("promote", 120),
        Action("demote", 90),
        Action("notify", 60),
        Action("monitor", 60, 10, "Promoted"),
        Action("monitor", 60, 11, "Unpromoted"),
        Action("validate-all", 20),
    ),
    does={
        "start": start,
        "stop": stop,
        "promote": promote,
        "demote": demote,
        "notify": notify,
        "monitor": monitor,
        "status": monitor,
        "validate-all": validate,
    },
    heeds=("pre-demote", "post-stop", "post-promote"),
)
