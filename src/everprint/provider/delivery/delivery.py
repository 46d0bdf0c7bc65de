"""The way of one queue's jobs to its device: each step in the journal before its effect.

1. *delivery-begun* is journaled, then the device is asked for a job. A crash in between leaves at most an empty job.
2. The device's number for it is journaled, then the document is sent. So whatever happens while it is sent, the
   device can be asked about it afterwards (in_doubt).
3. *document-sent* is journaled, and the job is followed to its end (following).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Container
from contextlib import suppress
from dataclasses import replace

from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import DeliveryBegun, DocumentSent
from everprint.documents.result import Language
from everprint.ipp.client import PrinterError
from everprint.ipp.message import Attribute
from everprint.ipp.status import Status
from everprint.provider.delivery.device import Device, DeviceBusy, DeviceRefused
from everprint.provider.delivery.device_ticket import device_ticket
from everprint.provider.delivery.endings import Endings
from everprint.provider.delivery.following import Following
from everprint.provider.delivery.in_doubt import InDoubt
from everprint.provider.delivery.line import Line
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.queue import Queue
from everprint.provider.spool import Spool

log = logging.getLogger(__name__)

_FIRST_BUSY_WAIT_S = 0.2
_LONGEST_BUSY_WAIT_S = 10.0
# How long a device may go on taking a document after it was asked to cancel the job.
_CANCEL_PATIENCE_S = 15.0


class Delivery:
    """Delivers the jobs of one queue."""

    def __init__(self, jobs: Jobs, spool: Spool, queue: Queue, device: Device, line: Line) -> None:
        self._jobs = jobs
        self._spool = spool
        self._queue = queue
        self._device = device
        self._device_uri = queue.settings.device_uri
        self.line = line
        self._endings = Endings(jobs, queue, line)
        self._following = Following(jobs, device, line, self._endings)
        self._in_doubt = InDoubt(jobs, queue, device, self._following, self._endings)

    async def deliver(self, job: Job) -> None:
        """Takes an authorised job to the device when its turn comes, and follows it to its end.

        Returns early when the job goes another way. Raises Moved, JournalFailed.
        """
        turn = self.line.join(job.job_id)
        try:
            # A queue that got another device meanwhile has another Delivery, too.
            if await self._comes(job, turn) and await self._device_answers() and self._is_current():
                job = await self._jobs.step(
                    job.job_id,
                    JobEvent.DELIVERY_BEGUN,
                    lambda job: replace(job, device_uri=self._device_uri, device_job_id=None),
                    DeliveryBegun(),
                    only_in={JobState.AUTHORISED},
                )
                await self._hand_over(job)
        finally:
            self.line.leave(job.job_id)

    async def resume(self, job: Job) -> None:
        """Goes on with a job that the device had, or may have had, when the provider stopped.

        Raises Moved, JournalFailed.
        """
        self.line.occupy(job.job_id)
        try:
            await self._in_doubt.resolve(job)
        finally:
            self.line.leave(job.job_id)

    async def _comes(self, job: Job, turn: asyncio.Future[None]) -> bool:
        """Waits for the job's turn; False if it wants no turn any more."""
        while not turn.done():
            moved = asyncio.ensure_future(self._jobs.until_changed(job))
            either: set[asyncio.Future[None] | asyncio.Future[Job]] = {turn, moved}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            moved.cancel()
            job = self._jobs.current(job)
            if job.state is not JobState.AUTHORISED:
                return False
        return True

    def _is_current(self) -> bool:
        return self._queue.settings.device_uri == self._device_uri

    async def _device_answers(self) -> bool:
        """After a failure, a question before the next job: a device that is off costs no journal entries."""
        if not self.line.failures:
            return True
        try:
            await self._device.attributes("printer-state")
        except (PrinterError, DeviceBusy, DeviceRefused):
            self.line.pause()
            return False
        return True

    async def _hand_over(self, job: Job) -> None:
        try:
            device_job_id = await self._create(job)
            if device_job_id is None:
                await self._endings.nothing_printed(self._jobs.current(job), "Cancelled before the printer had it.")
                return
            job = await self._jobs.amend(
                job.job_id, lambda job: replace(job, device_job_id=device_job_id), only_in={JobState.DELIVERING}
            )
            await self._send(job, device_job_id)
        except PrinterError as error:
            self.line.pause()
            self.line.step_aside(job.job_id)
            job = self._jobs.current(job)
            log.warning("delivery broke job_id=%d uuid=%s reason=%s", job.job_id, job.uuid, error)
            if not error.in_doubt and job.device_job_id is None:
                await self._endings.nothing_printed(job, f"The printer does not answer: {error}.")
            else:
                await self._in_doubt.resolve(job)
        except OSError as error:
            reason = f"Its document cannot be read from the spool: {error.strerror}."
            await self._in_doubt.withdraw(self._jobs.current(job), reason, may_resend=False)
        except DeviceBusy as error:
            self.line.pause()
            await self._in_doubt.withdraw(self._jobs.current(job), str(error), may_resend=True)
        except DeviceRefused as error:
            job = self._jobs.current(job)
            if error.status == Status.SERVER_ERROR_JOB_CANCELED:
                await self._in_doubt.withdraw(job, "Cancelled at the printer.", may_resend=False)
            elif job.device_job_id is None:
                await self._endings.abort(job, str(error))
            else:
                await self._in_doubt.withdraw(job, str(error), may_resend=False)
        else:
            self.line.worked()
            job = await self._jobs.step(
                job.job_id,
                JobEvent.DOCUMENT_SENT,
                lambda job: replace(job, job_state_message=""),
                DocumentSent(device_job_id=device_job_id),
                only_in={JobState.DELIVERING},
            )
            self.line.step_aside(job.job_id)
            await self._following.follow(job)

    async def _create(self, job: Job) -> int | None:
        """Asks until the device has a job for us; None if the job was cancelled before."""
        wait_s = _FIRST_BUSY_WAIT_S
        while self._jobs.current(job).cancelled_by is None:
            try:
                return await self._device.create_job(job, self._ticket(job))
            except DeviceBusy as error:
                waiting = await self._endings.say(self._jobs.current(job), str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s * random.uniform(0.8, 1.2)):  # noqa: S311 - jitter, not a secret
                    await self._jobs.until_changed(waiting)
            wait_s = min(wait_s * 1.4, _LONGEST_BUSY_WAIT_S)
        return None

    def _ticket(self, job: Job) -> tuple[Attribute, ...]:
        return device_ticket(job, self._queue.shown, document_holds=self._queue.document_holds)

    async def _send(self, job: Job, device_job_id: int) -> None:
        """Sends the document; a cancel in the meantime reaches the device at once."""
        path = self._spool.path(job.uuid)
        document_format = format_to_send(job, self._queue.document_formats)
        sending = asyncio.ensure_future(self._device.send_document(job, device_job_id, path, document_format))
        cancelled = asyncio.ensure_future(self._until_cancelled(job))
        try:
            await asyncio.wait({sending, cancelled}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                with suppress(PrinterError, DeviceBusy):
                    await self._device.cancel_job(job, device_job_id)
                await asyncio.wait({sending}, timeout=_CANCEL_PATIENCE_S)
            if not sending.done():
                raise PrinterError("printer", "it goes on taking a cancelled job", in_doubt=True)
            await sending
        finally:
            sending.cancel()
            cancelled.cancel()

    async def _until_cancelled(self, job: Job) -> None:
        job = self._jobs.current(job)
        while job.cancelled_by is None:
            job = await self._jobs.until_changed(job)


_FORMATS = {
    Language.PDF: "application/pdf",
    Language.POSTSCRIPT: "application/postscript",
    Language.PWG_RASTER: "image/pwg-raster",
    Language.URF: "image/urf",
    Language.JPEG: "image/jpeg",
}


def format_to_send(job: Job, known_by_device: Container[str]) -> str:
    """What the document is called: what its client called it or, if that is nothing, what analysis found."""
    assert job.document is not None
    if job.document.document_format == "application/octet-stream" and job.findings is not None:
        found = {language.value: name for language, name in _FORMATS.items()}.get(job.findings.language)
        if found is not None and found in known_by_device:
            return found
    return job.document.document_format
