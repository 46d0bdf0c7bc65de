"""ocf:everprint:Service: a unit of systemd, judged by what the service itself says.

An open port proves nothing, and an active unit little: the process may hang. Business trouble (a printer without
paper, an expired certificate) is no part of what is asked and restarts nothing.
"""

from __future__ import annotations

import os
import subprocess
import time

from everprint.cluster.ocf.agent import Action, Agent, Call, Code, Parameter, Refusal
from everprint.cluster.ocf.health import Grace, Unhealthy, ask, judge

_RUNNING = ("active", "activating", "reloading", "deactivating")


def start(call: Call) -> None:
    """Starts the unit; it has started when the service lives."""
    validate(call)
    _grace(call).end()
    _systemctl(call, "start", call.parameters["unit"])
    while url := call.parameters["health"]:
        try:
            ask(url, min(float(call.parameters["health_timeout"]), max(call.left_s(), 1)))
            break
        except Unhealthy as error:
            if _state(call) not in _RUNNING:
                raise Refusal(Code.ERR_GENERIC, f"{call.parameters['unit']} ended at once") from error
            if call.left_s() < 1:
                raise Refusal(Code.ERR_GENERIC, f"started, but in time it did not serve: {error}") from error
        time.sleep(0.5)


def stop(call: Call) -> None:
    """Stops the unit; systemd kills what does not end."""
    if _state(call) in _RUNNING or _state(call) == "failed":
        _systemctl(call, "stop", call.parameters["unit"])
    if _state(call) in _RUNNING:
        raise Refusal(Code.ERR_GENERIC, f"{call.parameters['unit']} does not end")
    _grace(call).end()


def monitor(call: Call) -> None:
    """Active, and living if there is a health address; a probe only asks whether it is active."""
    state = _state(call)
    if state == "failed" and not call.is_probe:
        raise Refusal(Code.ERR_GENERIC, f"{call.parameters['unit']} has failed")
    if state not in _RUNNING:
        raise Refusal(Code.NOT_RUNNING, "it does not run")
    if call.is_probe or not call.parameters["health"]:
        return
    try:
        within_s, restart_s = float(call.parameters["health_timeout"]), float(call.parameters["restart_timeout"])
        judge(call.parameters["health"], within_s, restart_s, _grace(call), call.say)
    except Unhealthy as error:
        raise Refusal(Code.ERR_GENERIC, str(error)) from error


def validate(call: Call) -> None:
    """Is the unit there?"""
    if not _shown(call, "LoadState") == "loaded":
        raise Refusal(Code.ERR_INSTALLED, f"systemd has no unit {call.parameters['unit']}")


def _grace(call: Call) -> Grace:
    return Grace(call.state, call.instance)


def _state(call: Call) -> str:
    return _shown(call, "ActiveState")


def _shown(call: Call, name: str) -> str:
    return _systemctl(call, "show", "--value", f"--property={name}", call.parameters["unit"])


def _systemctl(call: Call, *words: str) -> str:
    try:
        ended = subprocess.run(
            ["systemctl", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=max(call.left_s(), 1),
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise Refusal(Code.ERR_INSTALLED, "there is no systemctl") from error
    except subprocess.TimeoutExpired as error:
        raise Refusal(Code.ERR_GENERIC, f"systemctl {words[0]} did not end in time") from error
    if ended.returncode != 0:
        complaint = ended.stderr.decode("utf-8", "replace").strip()
        raise Refusal(Code.ERR_GENERIC, f"systemctl {words[0]} failed: {complaint}")
    return ended.stdout.decode("utf-8", "replace").strip()


AGENT = Agent(
    name="Service",
    summary="A unit of systemd that is judged by what its service says",
    text="Starts and stops a systemd unit and asks the service itself whether it lives. It must not be enabled.",
    parameters=(
        Parameter("unit", "string", None, "The unit, such as everprint-server.service."),
        Parameter("health", "string", "", "URL that answers 200 while its service lives. Empty: not asked."),
        Parameter("health_timeout", "integer", "6", "Seconds without a good answer that are a failure."),
        Parameter("restart_timeout", "integer", "20", "Seconds for a service that refuses connections to come back."),
    ),
    actions=(
        Action("start", 180),
        Action("stop", 120),
        Action("monitor", 30, 5),
        Action("validate-all", 5),
    ),
    does={"start": start, "stop": stop, "monitor": monitor, "status": monitor, "validate-all": validate},
)
