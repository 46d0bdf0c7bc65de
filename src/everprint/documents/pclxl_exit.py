"""Where a PCL XL stream ends within a PJL job: at UEL where an operator could stand; in embedded data UEL is data."""

from __future__ import annotations

import mmap

from everprint.documents.pcl_syntax import UEL
from everprint.documents.pclxl_stream import HEADER, Damaged, Reader
from everprint.documents.pclxl_tags import Operator

_MOST_BEFORE_HEADER = 4096


def find_exit(octets: mmap.mmap, start: int, end: int) -> int:
    """Where UEL ends the PCL XL that begins at `start`; -1 if it does not.

    Data that claim to be longer than the file hide all that follows, as they do from a printer. From damage on, where
    a printer gives up, the next UEL counts, whatever it stands in.
    """
    position = start
    header = HEADER.search(octets, start, min(end, start + _MOST_BEFORE_HEADER))
    while header is not None and header[1] != b"'":
        reader = Reader(octets, header.end(), end, big_endian=header[1] == b"(")
        try:
            while reader.next():
                if reader.operator == Operator.VENDOR_UNIQUE:
                    reader.pass_vendor_data()
                elif reader.operator == Operator.TEXT:
                    reader.pass_texts()
        except Damaged:
            return octets.find(UEL, reader.position, end)
        position = reader.position
        header = HEADER.match(octets, position, end)
    return octets.find(UEL, position, end)
