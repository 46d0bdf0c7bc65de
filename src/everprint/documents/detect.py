"""Which language a spool file is written in, from its first octets. What the client claimed is only compared.

Languages that nobody can count yet are recognised all the same, so that *unknown* can say what it is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from everprint.documents.languages import Wrapper
from everprint.documents.maker_languages import maker_language
from everprint.documents.result import Language
from everprint.documents.source import HEAD_OCTETS, Source

NO_CLAIM = frozenset({"", "application/octet-stream", "application/vnd.cups-raw"})
"""Claimed formats that claim nothing (RFC 8011 section 5.1.10)."""


@dataclass(frozen=True, slots=True)
class Detected:
    """What the content is: `name` for people, `formats` the MIME media types that may rightly be claimed for it.

    The language of a `wrapper` is unknown until it is opened.
    """

    language: Language
    name: str
    formats: frozenset[str]
    wrapper: Wrapper | None = None


@dataclass(frozen=True, slots=True)
class _Signature:
    detected: Detected
    matches: Callable[[bytes], bool]


def _begins(*prefixes: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(prefixes)


def _finds(pattern: bytes) -> Callable[[bytes], bool]:
    search = re.compile(pattern, re.DOTALL).search
    return lambda head: search(head) is not None


def _signature(language: Language | Wrapper, name: str, formats: str, matches: Callable[[bytes], bool]) -> _Signature:
    if isinstance(language, Wrapper):
        return _Signature(Detected(Language.UNKNOWN, name, frozenset(formats.split()), language), matches)
    return _Signature(Detected(language, name, frozenset(formats.split())), matches)


_PCL_FORMATS = "application/vnd.hp-PCL application/vnd.hp-PCLXL application/x-pcl"
_UNKNOWN = Language.UNKNOWN
_ZIP, _EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
_ZIP_TAIL_OCTETS = 66_000  # an archive's list of names ends its file

# The first that matches wins: wrappers stand before what they wrap.
_SIGNATURES = (
    _signature(
        Wrapper.PJL,
        "a PJL job",
        f"{_PCL_FORMATS} application/vnd.hp-pjl application/pdf application/postscript",
        _finds(rb"\A[\s\x00]*\x1b%-12345X|\A\s*@PJL\b"),
    ),
    # With the DOS header of an EPS file with a preview, or without.
    _signature(
        Language.EPS,
        "EPS",
        "application/postscript application/eps application/x-eps image/eps image/x-eps",
        _finds(rb"\A\xc5\xd0\xd3\xc6|\A\s*%!PS-Adobe-\d\.\d[ \t]+EPSF-"),
    ),
    # A Ctrl-D from a serial line's days.
    _signature(Language.POSTSCRIPT, "PostScript", "application/postscript", _finds(rb"\A[\x04\s]*%!")),
    # Readers allow for rubbish before the header, and so do printers.
    _signature(Language.PDF, "PCLm", "application/PCLm application/pdf", _finds(rb"\A%PDF-1\.\d\s+%PCLm")),
    _signature(Language.PDF, "PDF", "application/pdf application/PCLm", _finds(rb"\A.{0,1019}%PDF-")),
    _signature(Language.PWG_RASTER, "PWG raster", "image/pwg-raster", _begins(b"RaS2PwgRaster\0")),
    _signature(Language.URF, "URF", "image/urf", _begins(b"UNIRAST\0")),
    _signature(Language.JPEG, "JPEG", "image/jpeg image/jpg", _begins(b"\xff\xd8\xff")),
    _signature(
        Language.CUPS_RASTER,
        "CUPS raster",
        "application/vnd.cups-raster",
        _begins(b"RaSt", b"tSaR", b"RaS2", b"2SaR", b"RaS3", b"3SaR"),
    ),
    _signature(Language.PCL_XL, "PCL XL", _PCL_FORMATS, _finds(rb"\A[(')] HP-PCL XL;")),
    _signature(
        Language.PCL, "PCL 5", _PCL_FORMATS, _finds(rb"\A[\s\x00]*\x1b(?:[E9=YZ]|[%&()*][`-~]?[-+0-9@-^`-~])")
    ),
    _signature(_UNKNOWN, "ESC/P", "application/vnd.epson.escpr", _begins(b"\x1b@")),
    # Escape sequences for its port may stand before a plot.
    _signature(
        Language.HPGL,
        "HP-GL/2",
        "application/vnd.hp-HPGL",
        _finds(rb"\A\s*(?:\x1b\.(?:[@HIMNPT][-0-9;,]*+:?+|.)\s*+)*(?:IN|BP|DF)\s*(?:[;0-9,]|[A-Z]{2}[-0-9;,.])"),
    ),
    _signature(Language.PNG, "PNG", "image/png image/apng", _begins(b"\x89PNG\r\n\x1a\n")),
    _signature(Language.TIFF, "TIFF", "image/tiff", _begins(b"II*\0", b"MM\0*", b"II+\0\x08\0", b"MM\0+\0\x08")),
    _signature(_UNKNOWN, "GIF", "image/gif", _begins(b"GIF87a", b"GIF89a")),
    _signature(_UNKNOWN, "HEIF", "image/heic image/heif", _finds(rb"\A.{4}ftyp(?:hei|mif1|msf1)")),
    _signature(_UNKNOWN, "AVIF", "image/avif", _finds(rb"\A.{4}ftypavi")),
    _signature(_UNKNOWN, "WebP", "image/webp", _finds(rb"\ARIFF.{4}WEBP")),
    _signature(_UNKNOWN, "JPEG 2000", "image/jp2", _begins(b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")),
    _signature(_UNKNOWN, "JPEG XL", "image/jxl", _begins(b"\0\0\0\x0cJXL ", b"\xff\x0a")),
    _signature(_UNKNOWN, "BMP", "image/bmp", _finds(rb"\ABM.{4}\0\0\0\0.{3}\0[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0")),
    _signature(Language.XPS, "XPS", "application/oxps application/vnd.ms-xpsdocument", lambda head: _is_xps(head)),
    _signature(_UNKNOWN, "a ZIP archive", "application/zip", _begins(_ZIP, _EMPTY_ZIP)),
    _signature(Wrapper.GZIP, "gzip-compressed data", "application/gzip", _begins(b"\x1f\x8b")),
    _signature(Wrapper.ZLIB, "zlib-compressed data", "application/zlib", lambda head: _is_zlib(head)),
    _signature(_UNKNOWN, "an old Microsoft Office file", "application/msword", _begins(b"\xd0\xcf\x11\xe0")),
    _signature(Language.TEXT, "plain text", "text/plain", lambda head: _is_text(head)),
)

_NOT_KNOWN = Detected(_UNKNOWN, "data of no known kind", frozenset())


_DEFLATED = Detected(_UNKNOWN, "deflate-compressed data", frozenset(), Wrapper.DEFLATE)


def recognise(source: Source) -> Detected:
    """The language of a document. Raises OSError."""
    head = source.head()
    if head.startswith(_ZIP):
        return detect(head + source.tail(_ZIP_TAIL_OCTETS))
    return detect(head)


def detect(head: bytes) -> Detected:
    """The language of a file that begins with `head` (source.HEAD_OCTETS are enough, but for ZIP archives)."""
    if (maker := maker_language(head)) is not None:
        return Detected(_UNKNOWN, maker, frozenset({"application/octet-stream"}))
    detected = next((signature.detected for signature in _SIGNATURES if signature.matches(head)), None)
    if detected is None and detect_in_deflate(head):
        return _DEFLATED
    return detected or _NOT_KNOWN


def detect_in_deflate(head: bytes) -> bool:
    """Whether it is deflate data without any header (RFC 1951), with a known language other than text in it."""
    within = _inflated(head, -zlib.MAX_WBITS)
    return any(signature.matches(within) for signature in _SIGNATURES[:-1]) if within else False


def disagreement(detected: Detected, claimed_format: str) -> str | None:
    """A remark if the client's *document-format* says something else than the content, else None."""
    claimed = claimed_format.split(";")[0].strip()
    agreed = {known.lower() for known in detected.formats}
    if claimed.lower() in NO_CLAIM or claimed.lower() in agreed:
        return None
    return f"sent as {_printable(claimed)}, but the content is {detected.name}"


def _is_xps(head: bytes) -> bool:
    """A ZIP archive with a fixed document, or else with the list of relationships that any package has."""
    if not head.startswith(_ZIP):
        return False
    return re.search(rb"(?i)FixedDoc|\.fpage|\.fdoc|\.fdseq|_rels/\.rels", head) is not None


def _is_zlib(head: bytes) -> bool:
    """Its two octets of header (RFC 1950 section 2.2), and sound data after it."""
    if len(head) < 2 or head[0] & 0x8F != 0x08 or int.from_bytes(head[:2], "big") % 31:
        return False
    return bool(_inflated(head, zlib.MAX_WBITS))


def _inflated(head: bytes, window: int) -> bytes:
    """The first octets of what the data stand for; empty if they are not sound."""
    try:
        return zlib.decompressobj(window).decompress(head, HEAD_OCTETS)
    except zlib.error:
        return b""


def named(language: Language) -> Detected:
    """What the one who wrapped a document says that it is."""
    return Detected(language, language.value, frozenset())


def _is_text(head: bytes) -> bool:
    """UTF-8 (perhaps cut within a character) without control characters that no text has."""
    if not head.strip() or re.search(rb"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]", head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _printable(text: str) -> str:
    """Somebody else's text, short and without surprises, for a sentence of ours."""
    return "".join(char if char.isprintable() else "?" for char in text[:80])
