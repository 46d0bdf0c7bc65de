"""What is looked after while a fault-tolerant VM runs: its twin, its service, and who may be promoted."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from everprint.cluster.fault_tolerance.condition import Condition, Guard, written_condition
from everprint.cluster.fault_tolerance.keeping import Progress, read_progress
from everprint.cluster.fault_tolerance.machine import NBD
from everprint.cluster.fault_tolerance.monitor import MonitorError
from everprint.cluster.fault_tolerance.protection import go_on_alone, listen
from everprint.cluster.fault_tolerance.record import Record
from everprint.cluster.fault_tolerance.verdict import NotProven, installed_version, require_proof, version_of
from everprint.cluster.ocf.agent import Call, Code, Refusal
from everprint.cluster.ocf.domain_control import wait_until
from everprint.cluster.ocf.half import Half
from everprint.cluster.ocf.health import Fault, Grace, Unhealthy, ask, wait_for_life

PRIMARY_SCORE, TWIN_SCORE, DISK_SCORE, SHARED_SCORE = 1000, 900, 100, 50
"""Who is promoted: who runs it, before who is as far, before who has the current disk, before who reaches it."""

_ANSWER_S = 2.0
# A checkpoint is due twice a second. A twin that made none for so long stands still, and the primary with it.
_STILL_S = 20.0
# Until a checkpoint that was made is told of (`keeping`).
_TOLD_S = 5.0
_LOST = "lost"
_REFUSED = "no"
_OFFER, _INVITATION = "offer", "invitation"


def rate(half: Half) -> None:
    """Tells the engine how much this host may be promoted. Raises NoEngine and BadRecord."""
    record = half.engine.record()
    if half.is_primary and half.lives:
        score = PRIMARY_SCORE
    elif record is not None and record.twin == half.host and half.may_be_twin:
        score = TWIN_SCORE
    elif not may_begin(half, record):
        score = 0
    else:
        score = DISK_SCORE if record is None or record.host == half.host else SHARED_SCORE
    half.engine.set_score(score)


def may_begin(half: Half, record: Record | None) -> bool:
    """May the VM be started here, from a disk? Only from the current one, and not where a twin could go on.

    Raises NoEngine.
    """
    if record is None:
        return half.host == half.definition.home and half.disk_is_here("a") and not half.has_run
    if record.host == half.host:
        return True
    twin_is_up = record.twin not in ("", half.host) and record.twin in half.engine.published(_OFFER)
    return half.definition.shared and not twin_is_up


def tend_twin(call: Call, half: Half) -> None:
    """Offers a twin to a primary that has none, and notices when one is no use any more.

    Raises Refusal if the twin was lost, and the engine must tell the primary; NoEngine and BadRecord.
    """
    record = half.engine.record()
    if record is not None and record.twin == half.host and not half.may_be_twin:
        # The primary stands still until the engine tells it; that it does after this one was stopped.
        half.engine.set_score(0)
        if not call.is_probe and half.noted("offered"):
            raise Refusal(Code.ERR_GENERIC, "the twin here has ended")
    elif record is not None and record.host != half.host and not record.twin:
        _offer(call, half, record)
    rate(half)


def tend_primary(call: Call, half: Half) -> None:
    """Looks after the VM that runs here. Raises Refusal if it has failed; NoEngine, BadRecord, MonitorError."""
    _ask_health(call, half)
    if lost := half.noted(_LOST):
        lose_twin(call, half, [lost])
    record = half.engine.record()
    if record is None or record.host != half.host:
        raise Refusal(Code.FAILED_PROMOTED, f"it runs here, but the record says {record}")
    if half.is_kept:
        _look_at_twin(call, half, record)
    else:
        _look_for_twin(call, half, record)
    rate(half)


def lose_twin(call: Call, half: Half, stopped: list[str]) -> None:
    """The engine has stopped these hosts' halves, or fenced the hosts: the primary goes on without them.

    Raises NoEngine and BadRecord (it stands still then; the next look tries again), and MonitorError.
    """
    record = half.engine.record()
    progress = read_progress(half.folder)
    # Also once more: of a try that ended after the record was written only this mark is left.
    peer = record.twin if record and record.twin else progress.peer if progress else half.noted(_LOST)
    if record is None or record.host != half.host or peer not in stopped:
        return
    half.note(_LOST, peer)
    half.end_keeping()
    # Written first. Once it has gone on alone, the other one's disk is stale.
    half.engine.write_record(record.alone())
    half.ask(go_on_alone)
    half.drop(_LOST)
    call.say(f"goes on without {peer}")
    invite(half, record.disk)
    _publish(half, Condition(Guard.DEGRADED, reason=f"{peer} is gone"))


def invite(half: Half, disk: str) -> None:
    """Has the primary here listen for a twin, and tells all hosts so; who came before is of no use any more.

    Raises NoEngine and MonitorError.
    """
    half.end_keeping()
    half.ask(lambda primary: listen(primary, half.place(disk)))
    invitation = f"{half.host}.{time.time_ns()}"
    half.note(_INVITATION, invitation)
    half.engine.publish(_INVITATION, invitation)


def _look_for_twin(call: Call, half: Half, record: Record) -> None:
    """Takes a twin that another host offers, or says why there is none."""
    progress = read_progress(half.folder)
    if record.twin:
        half.keep(record.twin)  # whatever ended the process that kept watch
        return
    invitation = half.noted(_INVITATION)
    offers = half.engine.published(_OFFER)
    version = version_of(half.ask(lambda primary: primary.do("query-version")))
    reasons = [f"{progress.peer}: {progress.failure}"] if progress and progress.failure else []
    is_over = bool(reasons)
    for host, offered in sorted(offers.items()):
        word, _, rest = offered.partition(" ")
        its_invitation, _, said = rest.partition(" ")
        if its_invitation != invitation or host == half.host or reasons:
            continue
        try:
            _require_fitting(call, half, host, word, said, version)
        except NotProven as error:
            reasons.append(str(error))
            is_over = True
        else:
            half.keep(host)
            _publish(half, Condition(Guard.RESYNCHRONISING, twin=host))
            return
    if is_over:
        invite(half, record.disk)
    _publish(half, Condition(Guard.DEGRADED, reason="; ".join(reasons) or "no other host offers a twin"))


def _require_fitting(call: Call, half: Half, host: str, word: str, said: str, version: str) -> None:
    """Raises NotProven for an offer that is none, or is of another QEMU."""
    if word == _REFUSED:
        raise NotProven(f"{host}: {said}")
    if said != version:
        raise NotProven(f"{host} has QEMU {said}, {half.host} has {version}: they must be the same")
    try:
        _require_proof(call, half, version)
    except NotProven as error:
        raise NotProven(f"{half.host}: {error}") from None


def _offer(call: Call, half: Half, record: Record) -> None:
    """Makes one twin for each invitation, or says why not."""
    invitation = half.engine.published(_INVITATION).get(record.host, "")
    if not invitation or (half.noted("offered") == invitation and half.lives):
        return
    if half.noted("offered") == invitation:
        half.engine.publish(_OFFER, f"{_REFUSED} {invitation} the twin ended before it was as far")
        return
    try:
        half.cut()
        half.note("offered", invitation)
        version = installed_version(half.definition.machine.qemu)
        _require_proof(call, half, version)
        half.make_twin(record)
    except (Refusal, MonitorError, NotProven) as error:
        half.cut()
        reason = " ".join(str(error).split()).replace('"', "'")
        half.engine.publish(_OFFER, f"{_REFUSED} {invitation} {reason}")
        call.say(f"no twin here: {error}")
        return
    half.engine.publish(_OFFER, f"{record.other_disk} {invitation} {version}")


def _look_at_twin(call: Call, half: Half, record: Record) -> None:
    """Publishes how it is guarded, and has the engine stop a twin that does not keep up."""
    progress = read_progress(half.folder)
    if progress is None:
        return
    if not record.twin:
        _publish(half, Condition(Guard.RESYNCHRONISING, progress.peer, progress.copied))
        return
    if _stands_still(progress) or not _answers(half, record):
        call.say(f"the twin on {record.twin} does not keep up")
        half.engine.report_failure(record.twin)
    cost = (progress.checkpoint_ms, progress.checkpoints_a_minute)
    _publish(half, Condition(Guard.PROTECTED, record.twin, 1.0, *cost))


def _answers(half: Half, record: Record) -> bool:
    """The connection between the hosts, which is not the one by which the engine hears them."""
    there = half.definition.place(record.twin, record.twin_disk, half.folder)
    for _ in range(2):
        try:
            with socket.create_connection((there.address, there.port(NBD)), timeout=_ANSWER_S):
                return True
        except OSError:
            time.sleep(1)
    return False


def _is_held_up(half: Half, since: float) -> bool:
    """Has it made no checkpoint since then?"""
    progress = read_progress(half.folder)
    if progress is None or not progress.last_checkpoint:
        return False

    def has_made_one() -> bool:
        made = read_progress(half.folder)
        return made is not None and made.last_checkpoint > since

    return not wait_until(has_made_one, time.monotonic() + _TOLD_S)


def _stands_still(progress: Progress) -> bool:
    return bool(progress.last_checkpoint) and time.monotonic() - progress.last_checkpoint > _STILL_S


def _ask_health(call: Call, half: Half) -> None:
    """Raises Refusal for a service that does not live. Its twin does not either: nobody may take over from it.

    Nothing that it says gets out while it waits for a lost twin: until the engine has fenced that one, which may take
    longer than a service has to answer, its silence is not its own.
    """
    if not call.parameters["health"]:
        return
    fault, grace = Fault(call.state, call.instance), Grace(call.state, call.instance)
    began = time.monotonic()
    is_starting = grace.lasts()
    # While it starts it is asked once: who waits for it looks after nothing else.
    look = ask if is_starting else wait_for_life
    try:
        look(call.parameters["health"], float(call.parameters["health_timeout"]))
    except Unhealthy as error:
        call.say(str(error))
        if is_starting:
            grace.count(is_well=False)
            return
        record = half.engine.record()
        if record is not None and record.twin and _is_held_up(half, began):
            call.say(f"it waits for its twin on {record.twin}: its service is not to blame")
            return
        fault.note()
        if record is not None and record.twin:
            half.end_keeping()
            half.engine.write_record(record.alone())
        raise Refusal(Code.FAILED_PROMOTED, str(error)) from error
    fault.forget()
    if is_starting:
        grace.count(is_well=True)


def _require_proof(call: Call, half: Half, version: str) -> None:
    require_proof(Path(call.parameters["verdict"]), version, half.definition.machine.accelerator)


def _publish(half: Half, condition: Condition) -> None:
    half.engine.publish("state", written_condition(condition))
