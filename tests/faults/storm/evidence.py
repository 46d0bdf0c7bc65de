"""Collects what is true at the end of a storm: journals, the log and the ledger, and what is on paper."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from everprint.provider.job import Job
from everprint.server.accounts.money import from_units
from rig import ipptool
from rig.everprint import CommandFailed, Server
from tests.faults.storm.history import Evidence, Journaled, Logged, Submission
from tests.faults.storm.site import STRICT, Site
from tests.faults.storm.world import SERVER, World

_ASKED_ABOUT = 20
# Of every job: what left people's accounts, what nobody's credit covered, and how often it was settled.
_PAID = """
SELECT booked.job,
       -coalesce(sum(entry.amount) FILTER (WHERE account.kind IN ('personal', 'shared')), 0),
       coalesce(-sum(entry.amount) FILTER (WHERE account.kind = 'uncollected'), 0),
       count(DISTINCT booked.id) FILTER (WHERE booked.kind = 'settle')
FROM accounts_transaction AS booked
JOIN accounts_entry AS entry ON entry.transaction_id = booked.id
JOIN accounts_account AS account ON account.id = entry.account_id
WHERE booked.job IS NOT NULL GROUP BY booked.job
"""


def balances(world: World) -> dict[str, Decimal]:
    """What everybody has left now, by name."""
    query = (
        "SELECT owner.name, account.balance FROM accounts_account AS account "
        "JOIN people_user AS owner ON owner.id = account.owner_id"
    )
    return {name: from_units(int(balance)) for name, balance in world.database.ask(query)}


def collect(
    world: World, submissions: Sequence[Submission], left_to_people: frozenset[str], given_up: frozenset[str]
) -> Evidence:
    """What is true now."""
    paper: dict[str, list[int]] = {}
    for site in world.sites:
        for name, impressions in site.printer.paper():
            paper.setdefault(name, []).append(impressions)
    with world.machine(SERVER).inside():
        audit = _audit(world.server)
        log = _log(world)
    return Evidence(
        journals={site.provider.name: [_journaled(job) for job in site.jobs()] for site in world.sites},
        log=log,
        paper=paper,
        audit=audit,
        balances=balances(world),
        strict_queues=frozenset(site.queue(STRICT) for site in world.sites),
        left_to_people=left_to_people,
        given_up=given_up,
        answers=_answers(world, submissions),
    )


def _answers(world: World, submissions: Sequence[Submission]) -> dict[str, dict[str, str]]:
    """What each print server says of some jobs, of others' as of its own; they are spread over the whole storm."""
    known = sorted((one for one in submissions if one.job_id), key=lambda one: one.job_id)
    asked = known[:: max(1, len(known) // _ASKED_ABOUT)]
    return {one.name: {site.provider.name: _answer(site, one) for site in world.sites} for one in asked}


def _answer(site: Site, job: Submission) -> str:
    lines = [f"ATTR integer job-id {job.job_id}", f"ATTR name requesting-user-name {job.user}"]
    try:
        answer = ipptool.ask(site.uri(site.queue(STRICT)), "Get-Job-Attributes", lines)
    except ipptool.NoAnswer as error:
        return str(error)
    said = (answer.first.get(name) for name in ("job-name", "job-state", "job-impressions-completed"))
    return " ".join(map(str, (answer.status, *said)))


def _log(world: World) -> list[Logged]:
    paid: dict[str, tuple[Decimal, Decimal, int]] = {}
    for job, left, uncollected, settlements in world.database.ask(" ".join(_PAID.split())):
        paid[str(UUID(job))] = (from_units(int(left)), from_units(int(uncollected)), int(settlements))
    nothing = (Decimal(0), Decimal(0), 0)
    return [
        Logged(
            uuid=str(row["uuid"]),
            name=str(row["name"]),
            state=str(row["state"]),
            impressions=int(str(row["impressions"] or 0)),
            paid=paid.get(str(row["uuid"]), nothing)[0],
            uncollected=paid.get(str(row["uuid"]), nothing)[1],
            settlements=paid.get(str(row["uuid"]), nothing)[2],
        )
        for row in world.server.listing("job", "list", "--limit", "100000")
    ]


def _journaled(job: Job) -> Journaled:
    return Journaled(job.job_id, job.uuid, job.job_name, job.state, job.output.impressions if job.output else 0)


def _audit(server: Server) -> list[str]:
    """What is wrong with the ledger, in its own command's words."""
    try:
        server.command("audit")
    except CommandFailed as failed:
        return str(failed).splitlines()
    return []
