"""What an archive says of a job: all that the job log says, in words that need no other row to be understood."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from everprint.server.accounts.money import plain
from everprint.server.jobs.history import Step
from everprint.server.jobs.kept import details_of, steps_of_many
from everprint.server.jobs.models import Job
from everprint.server.jobs.sentences import as_read
from everprint.server.people.models import User

# What is one value, in this order: the columns of a table.
COLUMNS = (
    "number", "uuid", "submitted_at", "finished_at", "state", "reason", "user", "user_name", "printer", "provider",
    "account", "document", "client_address", "document_format", "octets", "copies", "sides", "number_up", "media",
    "print_color_mode", "job_account_id", "job_accounting_user_id", "charge_comment", "pages", "sheets",
    "impressions", "colour_impressions", "printed_sheets", "printed_impressions", "printed_colour_impressions",
    "charged", "refunded", "uncollected", "offline",
)  # fmt: skip


def lines_of(numbers: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Each of these jobs as a line of JSON, by its number; the same as long as nothing about the job changes."""
    jobs = Job.objects.select_related("owner", "printer", "provider", "account").filter(number__in=numbers)
    found = list(jobs.order_by("number"))
    steps = steps_of_many(found)
    acted = {step.actor for of_one in steps.values() for step in of_one if step.actor is not None}
    names = dict(User.objects.filter(pk__in=acted).values_list("pk", "name"))
    for job in found:
        told = [_step(step, names) for step in steps[job.number]]
        yield job.number, msgspec.json.encode({**_record(job), "steps": told})


def digest(line: bytes) -> bytes:
    """By which it is known again."""
    return hashlib.sha256(line).digest()


def _record(job: Job) -> dict[str, Any]:
    details = details_of(job)
    values = (
        job.number, job.uuid, job.submitted_at, job.finished_at, job.state, str(job.reason),
        job.owner.name if job.owner else None, job.user_name, job.printer.name, job.provider.name,
        job.account.name if job.account else None, job.name, job.client_address, details.document_format,
        job.octets, job.copies, details.sides, job.number_up, details.media, details.print_color_mode,
        job.job_account_id, job.job_accounting_user_id, job.charge_comment, job.pages, job.sheets, job.impressions,
        job.colour_impressions, job.printed_sheets, job.printed_impressions, job.printed_colour_impressions,
        plain(job.cost_charged), plain(job.cost_refunded), plain(job.cost_uncollected), job.offline,
    )  # fmt: skip
    return {
        **dict(zip(COLUMNS, values, strict=True)),
        "found": details.document,
        "output": details.output,
        "noted": details.noted,
    }


def _step(step: Step, names: dict[int, str]) -> dict[str, object]:
    return {
        "at": step.at,
        "event": step.event,
        "state": step.state,
        "text": str(as_read(step.text)),
        "by": None if step.actor is None else names.get(step.actor),
    }
