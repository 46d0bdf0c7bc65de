"""What a document is called when it is sent to a device."""

from __future__ import annotations

from collections.abc import Container

from everprint.provider.conversion.conversion_of import language_of
from everprint.provider.conversion.plan import FORMATS
from everprint.provider.job import Job


def format_to_send(job: Job, known_by_device: Container[str]) -> str:
    """What its client called it or, if that is nothing, what analysis found."""
    assert job.document is not None
    if job.document.document_format == "application/octet-stream" and job.findings is not None:
        found = FORMATS.get(language_of(job.findings))
        if found is not None and found in known_by_device:
            return found
    return job.document.document_format
