"""The PIN in a request (*job-password* and *job-password-encryption*, PWG 5100.11): read, kept, and compared."""

from __future__ import annotations

import asyncio

from everprint.ipp.errors import BadValue, Refused
from everprint.ipp.message import Group
from everprint.ipp.status import Status
from everprint.ipp.unsupported import unsupported_group
from everprint.provider.front.call import Call
from everprint.provider.guesses import WrongPassword, try_password
from everprint.provider.job import Job
from everprint.provider.job_password import PLAIN, JobPassword, SentPassword, keep

_PASSWORD, _ENCRYPTION = "job-password", "job-password-encryption"


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
    """Raises Refused unless the request has the job's PIN.

    Raises NotPossible if no PIN helps, JournalFailed.
    """
    sent = read_password(call.request.message.operation)
    if sent is None:
        raise Refused(
            Status.CLIENT_ERROR_NOT_POSSIBLE, f"job {job.job_id} is released with its PIN only: send job-password"
        )
    try:
        await try_password(call.front.jobs, job, sent)
    except WrongPassword as error:
        raise Refused(Status.CLIENT_ERROR_NOT_AUTHORIZED, str(error)) from error
