"""Are there pictures on a page of a PDF that we cannot decode? A printer may, and show colour where we see nothing.

pdfium draws what it cannot decode as nothing, or as black, and does not tell. So the pictures of a page that seems
grey are asked for their form: JPEG by its header (T.81 section B.2.2), other forms that may fail by decoding them.
"""

from __future__ import annotations

import pypdfium2
import pypdfium2.raw as pdfium

MOST_FORMS = 15
"""Within one another, when pictures are looked for."""

_DECODED = {
    "FlateDecode",
    "LZWDecode",
    "RunLengthDecode",
    "ASCII85Decode",
    "ASCIIHexDecode",
    "CCITTFaxDecode",
    "DCTDecode",
}
_BASELINE_EXTENDED_PROGRESSIVE = {0xC0, 0xC1, 0xC2}
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def has_picture_that_cannot_be_decoded(page: pypdfium2.PdfPage, *, blank: bool) -> bool:
    """Whether one of the page's pictures is of a kind that is not drawn as it is.

    On a `blank` page every picture is decoded to know: nothing should have been drawn by none of them.
    """
    for thing in page.get_objects((pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=MOST_FORMS):
        assert isinstance(thing, pypdfium2.PdfImage)
        filters = set(thing.get_filters())
        if "DCTDecode" in filters and not jpeg_can_be_decoded(bytes(thing.get_data(decode_simple=True))):
            return True
        if (blank or not filters <= _DECODED) and not _is_decoded(thing):
            return True
    return False


def jpeg_can_be_decoded(octets: bytes) -> bool:
    """Whether it is of the processes that decoders know: Huffman-coded, 8 bits, of 1, 3 or 4 colours."""
    position = 2 if octets.startswith(b"\xff\xd8") else len(octets)
    while position + 10 <= len(octets) and octets[position] == 0xFF:
        marker, length = octets[position + 1], int.from_bytes(octets[position + 2 : position + 4], "big")
        if marker in _FRAMES:
            precision, colours = octets[position + 4], octets[position + 9]
            return marker in _BASELINE_EXTENDED_PROGRESSIVE and precision == 8 and colours in {1, 3, 4}
        position += 1 if marker == 0xFF else 2 + length
    return False


def _is_decoded(picture: pypdfium2.PdfImage) -> bool:
    try:
        picture.get_bitmap().close()
    except pypdfium2.PdfiumError:
        return False
    return True
