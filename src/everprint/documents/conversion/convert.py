"""One document converted: the octets for the device, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from everprint.documents.conversion.as_pdf import as_pdf
from everprint.documents.conversion.drawing import raster_of
from everprint.documents.conversion.rewriting import pdf_of
from everprint.documents.conversion.task import Conversion, ConversionFailed, Target
from everprint.documents.result import Unreadable
from everprint.documents.timed_pipe import TookTooLong


def convert(path: Path, conversion: Conversion) -> Iterator[bytes]:
    """What the device gets.

    Raises ConversionFailed. Pieces that came before are no whole document then.
    """
    try:
        with as_pdf(path, conversion) as pdf:
            yield from pdf_of(pdf, conversion) if conversion.target is Target.PDF else raster_of(pdf, conversion)
    except Unreadable as cannot:
        raise ConversionFailed(str(cannot)) from None
    except TookTooLong:
        raise ConversionFailed("it took too long to run") from None
    except MemoryError:
        raise ConversionFailed("it needs more memory than it is given") from None
    except OSError as error:
        raise ConversionFailed(f"it cannot be read: {error.strerror or error}") from None
