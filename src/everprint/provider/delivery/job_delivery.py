"""What takes a job to paper: our own delivery to a device, or the one that lets CUPS print (cups/delivery.py)."""

from __future__ import annotations

from typing import Protocol

from everprint.provider.job import Job


class JobDelivery(Protocol):
    """The way of one queue's jobs. Both methods return early when the job goes another way."""

    async def deliver(self, job: Job) -> None:
        """Takes an authorised job to its end. Raises Moved, JournalFailed."""

    async def resume(self, job: Job) -> None:
        """Goes on with a job that was on its way when the provider stopped. Raises Moved, JournalFailed."""
