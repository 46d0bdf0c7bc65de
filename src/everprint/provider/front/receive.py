"""A document on its way into the spool."""

from __future__ import annotations

from everprint.ipp.compression import Expansion, decompress
from everprint.ipp.errors import Refused
from everprint.provider.front.call import Call
from everprint.provider.front.cups_backend import later
from everprint.provider.front.new_job import AUTOMATIC
from everprint.provider.job import Document
from everprint.provider.journal import JournalFailed
from everprint.provider.spool import SpoolFile, SpoolFull

# The longest name that its syntax allows (RFC 8011 section 5.1.3).
_MOST_NAME_OCTETS = 255


async def receive_document(call: Call, job_uuid: str) -> tuple[Document, SpoolFile] | None:
    """The document of the request, decompressed, in the spool but not yet synced; None if it is empty.

    Raises Refused if it cannot be stored, DocumentError if it does not arrive as it should.
    """
    operation = call.request.message.operation
    compression = (operation.string("compression") or "none").lower()
    limit = call.front.limits.max_document_octets
    try:
        if compression == "none":
            file = await call.front.spool.receive(job_uuid, call.request.document)
        else:
            expansion = Expansion(max_octets=limit)
            file = await call.front.spool.receive(job_uuid, decompress(call.request.document, compression, expansion))
    except SpoolFull as error:
        raise no_room(call, error) from error
    if file.octets == 0:
        file.discard()
        return None
    document = Document(
        document_format=(operation.string("document-format") or AUTOMATIC).lower(),
        octets=file.octets,
        document_name=(operation.string("document-name") or "")[:_MOST_NAME_OCTETS],
    )
    return document, file


def no_room(call: Call, error: SpoolFull | JournalFailed) -> Refused:
    """How a client is told that its job was not kept, for no fault of its own."""
    return Refused(later(call), str(error))
