"""What is done inside the anchor's namespaces: `python -m everprint.cluster.lab.inside FOLDER VERB [HOST ...]`.

The BMCs call it with the verb *chassis*, whose words are OpenIPMI's (ipmi_sim(1), chassis_control); all others are
`laboratory`'s.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from everprint.cluster.lab import bmc, host_power
from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.plan import LabHost, LabPlan, read_plan
from everprint.cluster.ocf.health import Unhealthy, ask

_HEALTH_WITHIN_S = 5.0


def main(arguments: Sequence[str]) -> int:
    """The exit code; what goes wrong is one line on standard error."""
    folder = Path(arguments[0])
    try:
        plan = read_plan(folder)
        if arguments[1] == "prepare":
            _prepare(folder, plan)
        elif arguments[1] == "state":
            sys.stdout.write(json.dumps(_state(folder, plan)))
        elif arguments[1] == "lives":
            sys.stdout.write("yes" if _lives(arguments[2]) else "no")
        else:
            _do(folder, plan, plan.host(arguments[2]), arguments[1], arguments[3:])
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _prepare(folder: Path, plan: LabPlan) -> None:
    host_power.lay_cables(plan)
    for host in plan.hosts:
        bmc.start_bmcs(folder, host)


def _state(folder: Path, plan: LabPlan) -> dict[str, dict[str, object]]:
    return {
        host.name: {
            "on": host_power.is_on(folder, host),
            "plugged": host_power.is_plugged(folder, host),
            "bmcs": bmc.count_running(folder, host),
        }
        for host in plan.hosts
    }


def _lives(url: str) -> bool:
    try:
        ask(url, _HEALTH_WITHIN_S)
    except Unhealthy:
        return False
    return True


def _do(folder: Path, plan: LabPlan, host: LabHost, verb: str, words: Sequence[str]) -> None:
    match verb:
        case "on":
            host_power.switch_on(folder, plan, host)
        case "off":
            host_power.cut_power(folder, host)
        case "plug" | "unplug":
            host_power.unplug(folder, host, plugged=verb == "plug", links=[int(word) for word in words])
        case "freeze" | "thaw":
            host_power.freeze(folder, host, frozen=verb == "freeze")
        case "bmc-on":
            bmc.start_bmcs(folder, host)
        case "bmc-off":
            bmc.stop_bmcs(folder, host)
        case "bmc-refuse" | "bmc-obey":
            bmc.obey(folder, host, obeys=verb == "bmc-obey")
        case "chassis":
            _chassis(folder, plan, host, words)
        case _:
            raise LabError(f"there is no verb {verb}")


def _chassis(folder: Path, plan: LabPlan, host: LabHost, words: Sequence[str]) -> None:
    """`get WHAT...` answers with lines `WHAT:VALUE`; `set WHAT VALUE ...` does it."""
    operation, *rest = words
    if operation == "get":
        for what in rest:
            is_so = what == "power" and host_power.is_on(folder, host)
            sys.stdout.write(f"{what}:{int(is_so)}\n")
        return
    if not bmc.obeys(folder, host):
        raise LabError(f"the BMC of {host.name} refuses, as it was told to")
    for what, value in zip(rest[::2], rest[1::2], strict=False):
        if what in ("power", "reset"):
            if what == "reset" or value == "0":
                host_power.cut_power(folder, host)
            if what == "reset" or value == "1":
                host_power.switch_on(folder, plan, host)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
