"""The PIN in a request (*job-password* and *job-password-encryption*, PWG 5100.11): read, kept, and compared."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec

from everprint.contract.job_life import JobState
from everprint.ipp.errors import BadValue, Refused
from everprint.ipp.message import Group
from everprint.ipp.status import Status
from everprint.ipp.unsupported import unsupported_group
from everprint.provider.front.call import Call
from everprint.provider.job import Job
from everprint.provider.job_password import MOST_WRONG, PLAIN, JobPassword, SentPassword, is_right, keep
from everprint.provider.jobs import Moved

_PASSWORD, _ENCRYPTION = "job-password", "job-password-encryption"
_WAITS = frozenset({JobState.INCOMING, JobState.ACCEPTED, JobState.HELD})


def read_password(operation: Group) -> SentPassword | None:
    """The PIN of a request; None if it has none.

    Raises Refused, also without ipp-attribute-fidelity: what cannot be protected as its owner wants is not printed.
    """
    attribute = operation.get(_PASSWORD)
    if attribute is None or attribute.is_out_of_band:
        return None
    if len(attribute.values) > 1 or not isinstance(attribute.value, bytes):
        raise BadValue(_PASSWORD, "is one octetString")
    try:
        return SentPassword(attribute.value, operation.string(_ENCRYPTION) or PLAIN)
    except ValueError as error:
        encryption = operation.get(_ENCRYPTION)
        raise Refused(
            Status.CLIENT_ERROR_ATTRIBUTES_OR_VALUES_NOT_SUPPORTED,
            f"{error}",
            *(() if encryption is None else (unsupported_group(encryption),)),
        ) from None


async def keep_password(sent: SentPassword | None) -> JobPassword | None:
    """What the journal keeps of it."""
    return None if sent is None else await asyncio.to_thread(keep, sent)


async def require_password(call: Call, job: Job) -> None:
    """Raises Refused unless the request has the job's PIN. A guess is on disk before it is compared.

    Raises JournalFailed.
    """
    sent = read_password(call.request.message.operation)
    if sent is None:
        raise Refused(
            Status.CLIENT_ERROR_NOT_POSSIBLE, f"job {job.job_id} is released with its PIN only: send job-password"
        )
    try:
        counted = await call.front.jobs.amend(job.job_id, _count_guess, only_in=_WAITS)
    except Moved as error:
        raise Refused(Status.CLIENT_ERROR_NOT_POSSIBLE, str(error)) from error
    kept = counted.job_password
    if kept is None or await asyncio.to_thread(is_right, kept, sent):
        return
    left = MOST_WRONG - kept.guesses
    raise Refused(
        Status.CLIENT_ERROR_NOT_AUTHORIZED,
        f"That is not the PIN of job {job.job_id}; "
        + (f"{left} more tries." if left else "it takes no further one."),
    )


def _count_guess(job: Job) -> Job:
    if job.job_password is None:
        return job
    if job.job_password.is_locked:
        raise Refused(
            Status.CLIENT_ERROR_NOT_POSSIBLE,
            f"Too many wrong PINs were given for job {job.job_id}: cancel it and print it again.",
        )
    guesses = job.job_password.guesses + 1
    return replace(job, job_password=msgspec.structs.replace(job.job_password, guesses=guesses))
