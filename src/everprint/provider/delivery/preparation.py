"""A job made ready for its device: who does what of it (conversion.plan), its document, and what is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from everprint.documents.conversion.converter import Converter
from everprint.documents.limits import Limits
from everprint.documents.result import Language
from everprint.ipp.message import Attribute
from everprint.provider.conversion.conversion_of import conversion_of, paper_of
from everprint.provider.delivery.described import Described
from everprint.provider.delivery.device_ticket import converted_ticket, device_ticket
from everprint.provider.delivery.format_to_send import format_to_send
from everprint.provider.delivery.job_plan import plan_of
from everprint.provider.delivery.outgoing import AsItIs, Made, Outgoing
from everprint.provider.job import Job
from everprint.provider.spool import Spool


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is sent, and the job template that goes with it."""

    document: Outgoing
    template: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Preparation:
    """Makes jobs ready. `convertible` are the languages that this print server can convert."""

    spool: Spool
    converter: Converter
    limits: Limits
    convertible: frozenset[Language]

    @asynccontextmanager
    async def prepared(self, job: Job, device: Described) -> AsyncIterator[Prepared]:
        """The job, ready; what makes its document ends with the block.

        Raises NoWay if the device cannot print it, ConversionFailed if its document cannot be converted.
        """
        path = self.spool.path(job.uuid)
        how = plan_of(job, device)
        if how.target is None or job.findings is None:
            template = device_ticket(job, device.device_shown, document_holds=device.document_holds)
            document_format = format_to_send(job, device.capabilities.formats)
            yield Prepared(AsItIs(path, document_format), template)
            return
        conversion = conversion_of(job, job.findings, how, device.capabilities, self.limits)
        template = converted_ticket(job, device.device_shown, how.withheld, how.step, paper_of(conversion))
        async with self.converter.converting(path, conversion) as converted:
            yield Prepared(Made(converted, how.target.value, self.spool), template)
