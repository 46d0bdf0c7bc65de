"""How a cluster's overview is shown in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from everprint.cluster.live.status import is_fencing
from everprint.cluster.standing.fail_over import FailOver
from everprint.cluster.standing.overview import HostView, Overview, VmView
from everprint.monitor.health import Level

_GOOD = ("started", "online", "well", "protected")
_FAIR = ("drained", "joining", "starting", "not asked")
_LEVELS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}


def shown(found: Overview) -> Group:
    """Hosts, VMs, what else the engine runs, and below them what went wrong."""
    quorum = "has a majority" if found.status.has_quorum else "has NO majority"
    stands = quorum if found.hosts else "is on a platform of its own"
    head = Text(f"{found.name} {stands}, says {found.status.asked} at {found.at.astimezone():%H:%M:%S}")
    parts: list[RenderableType] = [head]
    if found.hosts:
        parts.append(_hosts(found))
    if found.vms:
        parts.append(_vms(found))
    names = {vm.name for vm in found.vms}
    others = [one for one in found.status.resources if one.name not in names and not is_fencing(one)]
    if others:
        table = _table("name", "on", "state", "failures")
        for one in others:
            table.add_row(one.name, one.host or "-", _coloured(one.state), str(one.failures))
        parts.append(table)
    return Group(*parts, *_lines(found))


def _hosts(found: Overview) -> Table:
    table = _table("host", "state", "fencing", "runs")
    for host in found.hosts:
        table.add_row(host.status.name, _coloured(host.status.state), _fencing(host), ", ".join(host.runs) or "-")
    return table


def _fencing(host: HostView) -> Text:
    if not host.fencing:
        return Text("none", style="red")
    text = Text()
    for number, one in enumerate(host.fencing):
        text.append(", " if number else "")
        said = "" if one.state == "started" else f" {one.state}"
        text.append(f"{one.device}{said}", style="red" if said else "green")
    return text


def _vms(found: Overview) -> Table:
    table = _table("vm", "on", "state", "health", "protection", "last fail-over")
    for vm in found.vms:
        protection = Text(vm.protection)
        for layer in vm.layers:
            protection.append(f", {layer.layer} {layer.state}", style=_LEVELS[layer.level])
        state, health = _coloured(vm.state), _coloured(vm.health)
        table.add_row(vm.name, vm.host or "-", state, health, protection, _fail_over(vm.last_fail_over, found.at))
    return table


def _fail_over(last: FailOver | None, now: datetime) -> str:
    if last is None:
        return "-"
    where = f"on {last.target}" if last.source == last.target else f"{last.source or '?'} to {last.target}"
    return f"{age(last.at, now)} ago, {where}: {last.why}"


def _lines(found: Overview) -> list[Text]:
    lines = [
        Text(f"{one.name}: {one.last_failure}", style="red") for one in found.status.resources if one.last_failure
    ]
    silent = [one.name for one in found.status.resources if is_fencing(one) and one.state != "started"]
    if silent:
        lines.append(Text(f"Fencing does not answer: {', '.join(silent)}", style="red"))
    for vm in found.vms:
        lines += [Text(f"{vm.name}: {one.layer} {one.detail}") for one in vm.layers if one.detail]
        lines += [_evidence(vm)] if vm.evidence else []
    lines += [Text(f"{one.layer} cannot be told: {one.detail}", style="red") for one in found.troubles]
    return lines


def _evidence(vm: VmView) -> Text:
    newest = vm.evidence[0]
    more = f", and {len(vm.evidence) - 1} more" if len(vm.evidence) > 1 else ""
    return Text(f"{vm.name}: evidence ({newest.reason}) in {newest.host}:{newest.folder}{more}")


def age(then: datetime, now: datetime) -> str:
    """In one word: *12s*, *5min*, *3h*, *4d*."""
    seconds = max(int((now - then.astimezone(UTC)).total_seconds()), 0)
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column)
    return table


def _coloured(state: str) -> Text:
    return Text(state, style="green" if state in _GOOD else "yellow" if state in _FAIR else "red")
