"""What a document is called when it is sent to a device."""

from __future__ import annotations

from collections.abc import Container

from everprint.documents.result import Language
from everprint.provider.job import Job

_FORMATS = {
    Language.PDF: "application/pdf",
    Language.POSTSCRIPT: "application/postscript",
    Language.PWG_RASTER: "image/pwg-raster",
    Language.URF: "image/urf",
    Language.JPEG: "image/jpeg",
}


def format_to_send(job: Job, known_by_device: Container[str]) -> str:
    """What its client called it or, if that is nothing, what analysis found."""
    assert job.document is not None
    if job.document.document_format == "application/octet-stream" and job.findings is not None:
        found = {language.value: name for language, name in _FORMATS.items()}.get(job.findings.language)
        if found is not None and found in known_by_device:
            return found
    return job.document.document_format
