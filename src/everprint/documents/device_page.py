"""A page as it comes out of a PostScript interpreter: its pixels, and what the page device was set to at that moment.

Ghostscript's CUPS device writes a header before each page's pixels (CUPS raster, version 3, not compressed). In it is
what *setpagedevice* has come to, by whatever operators and through whatever *save* and *restore*: number of copies,
duplex, tumble, collate, page size (PLRM3 section 6.2). What a header cannot tell is whether the program has said
something at all or left the default alone; for this the prologue runs before the program:

- The default page size is a hundredth of a point off A4, as no program would set it.
- *setpagedevice* and *setduplexmode* mark in the header that Duplex was set. They also keep programs that were made
  for a CUPS printer from changing the form of our pixels.
- *settumble*, *duplexmode* and *exitserver* do what they do on a printer.
- *product* and its like, and the operators by which Ghostscript changes its device, do what they always do, and tell.

A program can find another way to what these stand before. Its pages are then drawn and counted as any others; it only
is not noticed that it asked, or that it said one-sided where it could have left that to the printer.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PIL import Image

from everprint.documents.limits import MAX_PICTURE_PIXELS
from everprint.documents.media import LARGEST_MM, MM_PER_POINT
from everprint.documents.result import Unreadable

DEVICE_OPTIONS = ("-dcupsColorSpace=1", "-dcupsBitsPerColor=8", "-dcupsColorOrder=0")
"""Red, green and blue, of eight bits, pixel by pixel."""

ASKS_FOR_PRINTER = "%%[ it asks which printer it is on ]%%"
CHOOSES_DEVICE = "%%[ it chooses another device ]%%"
EXITS_SERVER = "%%[ it exits the server loop ]%%"
"""What the prologue says of a program. A program can say so of itself too, and is believed: it only loses by it."""

DEFAULT_SIZE = (595.28, 841.89)
"""A4, but for a hundredth of a point."""


def _says(words: str) -> str:
    return f"(%stderr) (w) file ({words}\\n) writestring"


def _wrapped(operators: str, words: str) -> str:
    """The operators (or what is at their names) as they are, and said that they were used."""
    return "\n".join(f"/{name} {{ {_says(words)} systemdict /{name} get exec }} def" for name in operators.split())


PROLOGUE = f"""
<< /PageSize [{DEFAULT_SIZE[0]} {DEFAULT_SIZE[1]}] >> setpagedevice
userdict begin
/setpagedevice {{
  dup type /dicttype eq {{
    dup length 1 add dict copy
    [ /cupsColorSpace /cupsBitsPerColor /cupsColorOrder /cupsCompression /HWResolution ]
    {{ 1 index exch undef }} forall
    dup /Duplex known {{ dup /cupsInteger0 1 put }} if
    dup /OutputDevice known {{ {_says(CHOOSES_DEVICE)} }} if
  }} if
  systemdict /setpagedevice get exec
}} def
{_wrapped("product version revision serialnumber", ASKS_FOR_PRINTER)}
{_wrapped("setdevice copydevice copydevice2 makeimagedevice findprotodevice", CHOOSES_DEVICE)}
end
statusdict begin
/setduplexmode {{ << /Duplex 3 -1 roll >> userdict /setpagedevice get exec }} def
/settumble {{ << /Tumble 3 -1 roll >> userdict /setpagedevice get exec }} def
/duplexmode {{ currentpagedevice /Duplex get }} def
end
serverdict begin
/exitserver {{ {_says(EXITS_SERVER)} clear cleardictstack }} def
end
"""

_HEADER_OCTETS = 1796
_LARGEST_POINTS = LARGEST_MM / MM_PER_POINT
_MAGIC = {b"3SaR": "<", b"RaS3": ">"}


@dataclass(frozen=True, slots=True)
class DevicePage:
    """`width` and `height` in points; None for both where the program left the size to the printer.

    `duplex` is None where the program left that to the printer. `copies` are of this page, before the next.
    """

    image: Image.Image
    width: float | None
    height: float | None
    copies: int
    collate: bool
    duplex: bool | None
    tumble: bool


def read_pages(take: Callable[[int], bytes], dpi: int) -> Iterator[DevicePage]:
    """The pages of a stream from which `take` gives so many octets, or fewer at its end.

    A page that is cut off is none. Raises Unreadable for a page that is too large, or not in the form we asked for: a
    program may write to this stream too.
    """
    order = _MAGIC.get(take(4))
    while order and len(header := take(_HEADER_OCTETS)) == _HEADER_OCTETS:
        read = struct.Struct(order + "I").unpack_from
        width, height, bits, line, layout, space = (read(header, at)[0] for at in (372, 376, 388, 392, 396, 400))
        if width * height > MAX_PICTURE_PIXELS:
            size = (round(pixels / dpi * 72) for pixels in (width, height))
            raise Unreadable("it sets a page of {} by {} points, which is too large to draw".format(*size))
        if (bits, line, layout, space) != (24, 3 * width, 0, 1) or not width * height:
            raise Unreadable("it changes how its pages are to be drawn, and so they cannot be looked at")
        pixels = take(line * height)
        if len(pixels) < line * height:
            return
        yield _page(header, order, Image.frombytes("RGB", (width, height), pixels))


def _page(header: bytes, order: str, image: Image.Image) -> DevicePage:
    collate, duplex = struct.unpack_from(order + "I", header, 264)[0], struct.unpack_from(order + "I", header, 272)[0]
    copies = struct.unpack_from(order + "I", header, 340)[0]
    tumble = struct.unpack_from(order + "I", header, 368)[0]
    width, height = struct.unpack_from(order + "2f", header, 428)
    duplex_said = struct.unpack_from(order + "I", header, 452)[0]
    is_default = struct.unpack("2f", struct.pack("2f", *DEFAULT_SIZE)) == (width, height)
    if not is_default and not (0 < width <= _LARGEST_POINTS and 0 < height <= _LARGEST_POINTS):
        raise Unreadable("it sets a page of a size that cannot be")
    return DevicePage(
        image,
        None if is_default else width,
        None if is_default else height,
        max(copies, 1),
        bool(collate),
        bool(duplex) if duplex or duplex_said else None,
        bool(tumble),
    )
