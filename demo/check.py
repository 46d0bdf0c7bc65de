"""`--once`: every figure against the truth, at the Application Server and at the printers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from demo.errands import ERRANDS, REFUSED, Errand
from demo.parts import Parts
from demo.table import Line
from rig.everprint import CommandFailed


def differences(parts: Parts, lines: Mapping[str, Line], verdict: Sequence[tuple[str, str]]) -> list[str]:
    """Everything that is not as it must be, in words; empty if all is well."""
    found: list[str] = []
    for errand in ERRANDS:
        found += differences_at_the_server(errand, lines.get(errand.person))
        found += differences_at_the_printer(errand, parts)
    reasons = dict(verdict).get("job-state-reasons", "")
    if "account-limit-reached" not in reasons:
        found.append(f"{REFUSED.person}: the client is told {reasons or 'nothing'}, not account-limit-reached")
    try:
        parts.server.command("audit")
    except CommandFailed as failed:
        found.append(f"the ledger's audit: {failed}")
    return found


def differences_at_the_server(errand: Errand, line: Line | None) -> list[str]:
    """What the job log and the balance say wrongly."""
    if line is None:
        return [f"{errand.person}: the server never heard of {errand.title!r}"]
    truth = errand.truth
    pairs = {
        "state": (line.state, truth.state),
        "pages": (line.pages, truth.pages),
        "sheets": (line.sheets, truth.sheets),
        "sides": (line.sides, truth.sides),
        "sides in colour": (line.colour_sides, truth.colour_sides),
        "cost": (line.cost, truth.cost),
        "balance": (line.balance, truth.balance),
    }
    return [
        f"{errand.person}: {what} is {seen}, not {true} {f'({line.reason})' if line.reason else ''}".strip()
        for what, (seen, true) in pairs.items()
        if seen != true
    ]


def differences_at_the_printer(errand: Errand, parts: Parts) -> list[str]:
    """What lies in the tray; a refused job never got there."""
    printed = [job for job in parts.printers[errand.queue].jobs() if job.user_name == errand.person]
    truth = errand.truth
    sheets, sides, colour = (
        sum(job.sheets_completed for job in printed),
        sum(job.impressions_completed for job in printed),
        sum(job.colour_impressions_completed for job in printed),
    )
    if (sheets, sides, colour) == (truth.sheets, truth.sides, truth.colour_sides):
        return []
    return [
        f"{errand.person}: the printer {errand.queue} put out {sheets} sheets, {sides} sides, {colour} in colour, "
        f"not {truth.sheets}, {truth.sides}, {truth.colour_sides}"
    ]
