"""ocf:everprint:VirtualMachine: a libvirt domain, and optionally the service in it, as a resource of Pacemaker.

What it does otherwise than the usual agent: a paused guest has failed; a guest that failed is forced off at once and
not asked to shut down; what can be known about a failure is kept before; a libvirtd in trouble is not the VM's
trouble, and does not keep a VM from being stopped.
"""

from __future__ import annotations

import time
from pathlib import Path

from everprint.cluster.ocf import runs
from everprint.cluster.ocf.agent import Action, Agent, Call, Code, Parameter, Refusal
from everprint.cluster.ocf.domain_control import DomainControl, NoAnswer, State, wait_until
from everprint.cluster.ocf.evidence import keep_evidence
from everprint.cluster.ocf.health import Fault, Grace, Unhealthy, ask, judge

# Left of a stop's time for cutting the power after a guest did not shut down.
_FOR_FORCE_S = 25.0
_FIRST_ANSWER_S = 5.0


def start(call: Call) -> None:
    """Starts the domain, and does not wait for its service: while an action runs, the engine begins nothing else.

    A start that took as long as a boot would keep the engine from moving what another failed host had.
    """
    domain = _domain(call)
    validate(call)
    _fault(call).forget()
    state = domain.state()
    if state in (State.PAUSED, State.CRASHED):
        _cut(call, domain, f"it was {state.value} when it was to be started")
        state = State.OFF
    if state is State.OFF:
        _begin_grace(call)
        try:
            domain.create(call.parameters["definition"])
        except NoAnswer as error:
            raise Refusal(Code.ERR_GENERIC, f"libvirt does not start it: {error}") from error
        _note(call, runs.STARTED)


def stop(call: Call) -> None:
    """Shuts the guest down; one that failed, or takes too long, loses its power."""
    domain = _domain(call)
    state = domain.state()
    if state is State.RUNNING and not _fault(call).is_noted():
        _shut_down(call, domain)
    if domain.state() is not State.OFF or domain.processes():
        _cut(call, domain, "")
    if state is not State.OFF:
        _note(call, runs.STOPPED)
    _fault(call).forget()
    _grace(call).end()


def _shut_down(call: Call, domain: DomainControl) -> None:
    asked_s = min(float(call.parameters["shutdown_timeout"]), max(call.left_s() - _FOR_FORCE_S, 0))
    try:
        domain.shut_down()
    except NoAnswer as error:
        call.say(f"cannot be asked to shut down: {error}")
        return
    if not wait_until(lambda: domain.state() is not State.RUNNING, time.monotonic() + asked_s):
        call.say(f"did not shut down within {asked_s:.0f} s")
        _keep(call, domain, "it did not shut down in time")


def monitor(call: Call) -> None:
    """Running, and living if there is a health address; a probe only asks whether it runs.

    Until it answered at several looks in a row a service has the time of a start, and is asked once at each; one that
    refuses connections later has that of a restart.
    """
    domain = _domain(call)
    state = domain.state()
    if state is State.OFF:
        # The engine looks again and again only where it has started it, so it ended by itself.
        if not call.is_probe and runs.last_word(_runs(call), domain.name) in (runs.STARTED, runs.CAME):
            _note(call, runs.FAILED, "it ended by itself")
        raise Refusal(Code.NOT_RUNNING, "it does not run")
    if state is not State.RUNNING:
        _fault(call).note()
        _failed(call, domain, f"it is {state.value}")
        raise Refusal(Code.ERR_GENERIC, f"it is {state.value}")
    if call.is_probe or not call.parameters["health"]:
        return
    within_s, restart_s = float(call.parameters["health_timeout"]), float(call.parameters["restart_timeout"])
    try:
        is_well = judge(call.parameters["health"], within_s, restart_s, _grace(call), call.say)
    except Unhealthy as error:
        call.say(str(error))
        _fault(call).note()
        _failed(call, domain, str(error))
        raise Refusal(Code.ERR_GENERIC, str(error)) from error
    if is_well:
        _fault(call).forget()


def migrate_to(call: Call) -> None:
    """Moves the running domain to the other host."""
    domain = _domain(call)
    if not call.target:
        raise Refusal(Code.ERR_ARGS, "no host was named to migrate to")
    if domain.state() is not State.RUNNING:
        raise Refusal(Code.ERR_GENERIC, "it does not run here and cannot be moved")
    uri = call.parameters["migration_uri"].replace("%s", call.target)
    options = call.parameters["migrate_options"].split()
    try:
        domain.virsh("migrate", "--live", *options, domain.name, uri, within_s=max(call.left_s(), 1))
    except NoAnswer as error:
        raise Refusal(Code.ERR_GENERIC, f"libvirt does not move it to {call.target}: {error}") from error
    _note(call, runs.LEFT, call.target)


def migrate_from(call: Call) -> None:
    """It has come: it runs here. One whose service does not answer at once may have been starting still."""
    domain = _domain(call)
    if not wait_until(lambda: domain.state() is State.RUNNING, min(call.deadline, time.monotonic() + 10)):
        raise Refusal(Code.ERR_GENERIC, f"it did not come: it is {domain.state().value}")
    if _answers(call):
        _grace(call).end()
    else:
        _begin_grace(call)
    _note(call, runs.CAME)


def validate(call: Call) -> None:
    """Is all there that a start needs?"""
    if not Path(call.parameters["definition"]).is_file():
        raise Refusal(Code.ERR_INSTALLED, f"there is no {call.parameters['definition']}")


def _domain(call: Call) -> DomainControl:
    return DomainControl(call.parameters["domain"], call.parameters["hypervisor"])


def _fault(call: Call) -> Fault:
    return Fault(call.state, call.instance)


def _grace(call: Call) -> Grace:
    return Grace(call.state, call.instance)


def _begin_grace(call: Call) -> None:
    if call.parameters["health"]:
        _grace(call).begin(float(call.parameters["start_grace"]))


def _answers(call: Call) -> bool:
    """So a guest that was damaged on its way, and answers no more, is not waited for as long as one that starts."""
    if not call.parameters["health"]:
        return True
    try:
        ask(call.parameters["health"], min(_FIRST_ANSWER_S, max(call.left_s(), 1)))
    except Unhealthy:
        return False
    return True


def _runs(call: Call) -> Path:
    return Path(call.parameters["runs"])


def _note(call: Call, word: str, text: str = "") -> None:
    runs.note(_runs(call), call.parameters["domain"], word, text)


def _failed(call: Call, domain: DomainControl, reason: str) -> None:
    if runs.last_word(_runs(call), domain.name) != runs.FAILED:
        _note(call, runs.FAILED, reason)
    _keep(call, domain, reason)


def _keep(call: Call, domain: DomainControl, reason: str) -> None:
    kept = keep_evidence(domain, Path(call.parameters["evidence"]), reason)
    if kept:
        call.say(f"evidence is in {kept}")


def _cut(call: Call, domain: DomainControl, reason: str) -> None:
    if reason:
        _failed(call, domain, reason)
    if not domain.force_off(call.deadline):
        raise Refusal(Code.ERR_GENERIC, "its process does not end")


AGENT = Agent(
    name="VirtualMachine",
    summary="A virtual machine of libvirt, and the service in it",
    text="Runs a libvirt domain from its XML, moves it live, and asks its service whether it lives. A guest that "
    "failed is forced off at once; its screen, console and log are kept before.",
    parameters=(
        Parameter("domain", "string", None, "The domain's name."),
        Parameter("definition", "string", None, "The file with the domain's XML, the same on every host."),
        Parameter("hypervisor", "string", "qemu:///system", "libvirt's connection URI on the host."),
        Parameter("shutdown_timeout", "integer", "60", "Seconds for the guest to shut down before its power is cut."),
        Parameter("health", "string", "", "URL that answers 200 while its service lives. Empty: not asked."),
        Parameter("health_timeout", "integer", "6", "Seconds without a good answer that are a failure."),
        Parameter("restart_timeout", "integer", "20", "Seconds for a service that refuses connections to come back."),
        Parameter("start_grace", "integer", "180", "Seconds after a start until it must answer."),
        Parameter("migration_uri", "string", "qemu+ssh://%s/system", "Where to move it; %s is the other host."),
        Parameter("migrate_options", "string", "", "Further options of virsh migrate."),
        Parameter("evidence", "string", "/var/lib/everprint/evidence", "Where evidence of failures is kept."),
        Parameter("runs", "string", "/var/lib/everprint/runs", "Where it is noted when it ran here."),
    ),
    actions=(
        Action("start", 180),
        Action("stop", 90),
        Action("monitor", 30, 5),
        Action("migrate_to", 300),
        Action("migrate_from", 300),
        Action("validate-all", 5),
    ),
    does={
        "start": start,
        "stop": stop,
        "monitor": monitor,
        "status": monitor,
        "migrate_to": migrate_to,
        "migrate_from": migrate_from,
        "validate-all": validate,
    },
)
