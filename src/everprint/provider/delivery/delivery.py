"""The way of jobs to one device of their queue: each step in the journal before its effect.

1. *delivery-begun* is journaled, then the device is asked for a job. A crash in between leaves at most an empty job.
2. The device's number for it is journaled, then the document is sent. So whatever happens while it is sent, the
   device can be asked about it afterwards (in_doubt).
3. *document-sent* is journaled, and the job is followed to its end (following).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Protocol

from everprint.contract.device_uris import without_password
from everprint.contract.job_life import JobEvent, JobState
from everprint.contract.messages import DeliveryBegun, DocumentSent
from everprint.documents.conversion.task import ConversionFailed, ConverterBroke, NoConverter
from everprint.ipp.client import PrinterError
from everprint.ipp.status import Status
from everprint.provider.conversion.plan import NoWay
from everprint.provider.delivery.described import Looked
from everprint.provider.delivery.device import Device, DeviceBusy, DeviceRefused
from everprint.provider.delivery.endings import Endings
from everprint.provider.delivery.following import Following
from everprint.provider.delivery.in_doubt import InDoubt
from everprint.provider.delivery.line import Line
from everprint.provider.delivery.preparation import Preparation, Prepared
from everprint.provider.delivery.turn import until_turn
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.mirrored import kept
from everprint.provider.queue import Queue, devices_of
from everprint.provider.snmp.hardware_check import HardwareCheck
from everprint.provider.snmp.values import Asks
from everprint.provider.spool import SpoolFull

log = logging.getLogger(__name__)

_FIRST_BUSY_WAIT_S = 0.2
_LONGEST_BUSY_WAIT_S = 10.0
# Between two goes at a document whose converter broke: other jobs print meanwhile.
_FIRST_REST_S, _REST_GROWS, _LONGEST_REST_S = 2.0, 4.0, 300.0
# After so many converters that broke it is the document that breaks them.
_MOST_CONVERTERS = 5
# How long a device may go on taking a document after it was asked to cancel the job.
_CANCEL_PATIENCE_S = 15.0


class Others(Protocol):
    """The other printers of a pool."""

    def could_take(self, job: Job) -> bool:
        """True if another one would be sent the job at once."""
        ...

    def may_take_refused(self, job: Job) -> bool:
        """Notes that this one refused it; True if there is another that may print it."""
        ...


class Delivery:
    """Delivers the jobs of one queue to one device."""

    def __init__(
        self,
        jobs: Jobs,
        preparation: Preparation,
        queue: Queue,
        device: Device,
        line: Line,
        *,
        device_uri: str | None = None,
        described: Looked | None = None,
        others: Others | None = None,
        snmp: Asks | None = None,
    ) -> None:
        """The queue's only device, unless `device_uri`, `described` and `others` say which of its pool.

        By `snmp` its jobs are checked against its counter, if the queue wants that.
        """
        self._jobs = jobs
        self._preparation = preparation
        self._queue = queue
        self._device = device
        self._device_uri = queue.settings.device_uri if device_uri is None else device_uri
        self._described: Looked = described or queue
        self._others = others
        self.line = line
        self._hardware = HardwareCheck(snmp, queue, self._device_uri) if snmp is not None else None
        self._endings = Endings(jobs, self._described, line, self._hardware)
        self._following = Following(jobs, device, line, self._endings)
        self._in_doubt = InDoubt(jobs, queue, device, self._following, self._endings)
        self._broke: Counter[int] = Counter()  # by job-id: the converters in a row that did not do it
        self._resting: dict[int, float] = {}  # by job-id: seconds

    async def deliver(self, job: Job, *, has_turn: bool = False) -> None:
        """Takes an authorised job to the device when its turn comes, and follows it to its end.

        Returns early when the job goes another way. Raises Moved, JournalFailed.
        """
        turn = None if has_turn else self.line.join(job.job_id)
        try:
            if turn is not None and not await until_turn(self._jobs, job, turn):
                return
            # A queue that got another device meanwhile has another Delivery, too.
            if self._is_current() and await self._device_answers() and self._is_current():
                job = await self._jobs.step(
                    job.job_id,
                    JobEvent.DELIVERY_BEGUN,
                    lambda job: replace(job, device_uri=self._device_uri, device_job_id=None),
                    DeliveryBegun(device_uri=without_password(self._device_uri) if self._others else ""),
                    only_in={JobState.AUTHORISED},
                )
                await self._hand_over(job)
        finally:
            if self._hardware is not None:
                self._hardware.forget(job)
            self.line.leave(job.job_id)
        if (rest_s := self._resting.pop(job.job_id, None)) is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(rest_s):
                    await self._jobs.until_changed(self._jobs.current(job))

    async def resume(self, job: Job) -> None:
        """Goes on with a job that the device had, or may have had, when the provider stopped.

        Raises Moved, JournalFailed.
        """
        self.line.occupy(job.job_id)
        try:
            await self._in_doubt.resolve(job)
        finally:
            self.line.leave(job.job_id)

    def _is_current(self) -> bool:
        return not self._queue.is_removed and self._device_uri in devices_of(self._queue.settings)[0]

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
            async with AsyncExitStack() as stack:
                await self._know_the_device()
                # The first page is made before the device is asked: what cannot be made leaves no trace there.
                prepared = await stack.enter_async_context(self._preparation.prepared(job, self._described))
                if self._hardware is not None:
                    await self._hardware.begin(job)
                device_job_id = await self._create(job, prepared)
                if device_job_id is None:
                    await self._endings.nothing_printed(
                        self._jobs.current(job), "Cancelled before the printer had it."
                    )
                    return
                job = await self._jobs.amend(
                    job.job_id, lambda job: replace(job, device_job_id=device_job_id), only_in={JobState.DELIVERING}
                )
                await self._send(job, device_job_id, prepared)
        except NoWay as error:
            await self._endings.abort(self._jobs.current(job), str(error), "unsupported-document-format")
        except (ConversionFailed, SpoolFull) as error:
            await self._not_converted(self._jobs.current(job), error)
        except PrinterError as error:
            self.line.pause()
            self.line.step_aside(job.job_id)
            job = self._jobs.current(job)
            log.warning("delivery broke job_id=%d uuid=%s reason=%s", job.job_id, job.uuid, error)
            # An empty job that stays at a printer of a pool prints nothing, and ends there by itself.
            if not error.in_doubt and (job.device_job_id is None or self._others is not None):
                await self._endings.try_again(job, f"The printer does not answer: {error}.")
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
            elif job.device_job_id is None and self._others is not None and self._others.may_take_refused(job):
                await self._endings.nothing_printed(job, str(error))
            elif job.device_job_id is None:
                await self._endings.abort(job, str(error))
            else:
                await self._in_doubt.withdraw(job, str(error), may_resend=False)
        else:
            self.line.worked()
            self._broke.pop(job.job_id, None)
            job = await self._jobs.step(
                job.job_id,
                JobEvent.DOCUMENT_SENT,
                lambda job: replace(job, job_state_message=""),
                DocumentSent(device_job_id=device_job_id),
                only_in={JobState.DELIVERING},
            )
            self.line.step_aside(job.job_id)
            await self._following.follow(job)

    async def _not_converted(self, job: Job, error: ConversionFailed | SpoolFull) -> None:
        """It is tried again, after a while, for as long as the document may be without fault."""
        log.warning("conversion failed job_id=%d uuid=%s reason=%s", job.job_id, job.uuid, error)
        count = self._broke[job.job_id] + 1
        passes = isinstance(error, NoConverter | SpoolFull) or (
            isinstance(error, ConverterBroke) and count < _MOST_CONVERTERS
        )
        if not passes:
            self._broke.pop(job.job_id, None)
            tried = f", tried {count} times" if isinstance(error, ConverterBroke) else ""
            await self._withdraw(job, f"The document cannot be converted to what the printer takes{tried}: {error}.")
            return
        self._broke[job.job_id] = count
        self._resting[job.job_id] = min(_FIRST_REST_S * _REST_GROWS ** min(count - 1, 8), _LONGEST_REST_S)
        said = str(error).rstrip(".")
        await self._in_doubt.withdraw(
            job, f"It waits to be converted: {said}. It is tried again.", may_resend=True, is_blameless=True
        )

    async def _withdraw(self, job: Job, reason: str) -> None:
        """Ends a job whose document cannot be made; what the device printed of it until then is paid."""
        keyword = "document-format-error"
        if job.device_job_id is None:
            await self._endings.abort(job, reason, keyword)
        else:
            await self._in_doubt.withdraw(job, reason, keyword, may_resend=False)

    async def _know_the_device(self) -> None:
        """What it can do decides what is done here; a new device may not have been looked at yet."""
        if not self._described.device_seen:
            self._described.change_device(kept(await self._device.attributes("all", "media-col-database")))

    async def _create(self, job: Job, prepared: Prepared) -> int | None:
        """Asks until the device has a job for us; None if the job was cancelled before.

        Raises DeviceBusy if another printer of the pool would take it meanwhile.
        """
        wait_s = _FIRST_BUSY_WAIT_S
        while self._jobs.current(job).cancelled_by is None:
            try:
                return await self._device.create_job(job, prepared.template)
            except DeviceBusy as error:
                if self._others is not None and self._others.could_take(job):
                    raise
                waiting = await self._endings.say(self._jobs.current(job), str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s * random.uniform(0.8, 1.2)):  # noqa: S311 - jitter, not a secret
                    await self._jobs.until_changed(waiting)
            wait_s = min(wait_s * 1.4, _LONGEST_BUSY_WAIT_S)
        return None

    async def _send(self, job: Job, device_job_id: int, prepared: Prepared) -> None:
        """Sends the document; a cancel in the meantime reaches the device at once."""
        sending = asyncio.ensure_future(self._device.send_document(job, device_job_id, prepared.document))
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
