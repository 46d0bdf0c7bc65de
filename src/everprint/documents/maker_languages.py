"""Languages that only their maker's printers understand, known by name from a file's first octets.

None of them is counted: what they print depends on the printer. But *unknown* can say what it is, and an operator
who sees the name knows which driver to replace.
"""

from __future__ import annotations

import re
from types import MappingProxyType

_ENTER = re.compile(rb"@PJL\s+ENTER\s+LANGUAGE\s*=\s*([\w-]{1,40})", re.IGNORECASE)
_PJL = re.compile(rb"\A(?:\x1b%-12345X)*\s*@PJL")

_ENTERED = MappingProxyType(
    {
        b"QPDL": "Samsung QPDL",
        b"SPL": "Samsung SPL",
        b"SMART": "Samsung SmartGDI",
        b"ZJS": "ZjStream",
        b"XQX": "XQX",
        b"HBP": "Brother HBP",
        b"XL2HB": "Brother XL2HB",
        b"LAVAFLOW": "Konica Minolta LavaFlow",
        b"HIPERC": "Oki HiperC",
        b"SLX": "Lexmark SLX",
        b"DDST": "Ricoh DDST",
        b"RPCS": "Ricoh RPCS",
        b"GDI": "a host-based (GDI) language",
        b"HOSTBASED": "a host-based (GDI) language",
        b"PCLSLEEK": "HP PCL Sleek",
        b"PRESCRIBE": "Kyocera PRESCRIBE",
    }
)
"""By what a PJL job enters."""

_SIGNATURES: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (name, re.compile(pattern, re.DOTALL))
    # Anchored by match(); possessive where something repeats, so that no file costs more than its length.
    for name, pattern in (
        ("ZjStream", rb"(?:JZJZ|ZJZJ)|(?:\x1b%-12345X)*\s*@PJL.*?\n(?:\x1b%-12345X)*(?:JZJZ|ZJZJ)"),
        ("XQX", rb",XQX|(?:\x1b%-12345X)*\s*@PJL.*?\n(?:\x1b%-12345X)*,XQX"),
        # The packet-mode exit, then remote mode, then a name: what Epson's inkjet drivers send.
        ("Epson ESC/P-R", rb"(?:\0\0\0)?\x1b[\x01@].*?\x1b\(R\x06\0\0ESCPR"),
        ("Epson ESC/Page", rb"\x1b\x01@EJL.*?LA(?:NGUAGE)?\s*=\s*ESC/PAGE|\x1d[0-9;.]*rhE"),
        ("Epson ESC/P", rb"(?:\0\0\0)\x1b\x01@EJL 1284\.4"),
        ("an Epson EJL job", rb"\x1b\x01@EJL"),
        ("ESC/POS", rb"(?:\x1b=\x01)?\x1b@(?:.{0,64}?\x1d[!VLWkhwBHP(8]|.*?\x1dv[0-3\0]\0)"),
        ("Canon BJL", rb"\0*\x1b\[K\x02\0\0[\x0f\x1f$]"),
        ("Canon IVEC", rb"<\?xml[^>]{0,200}>\s*<cmd xmlns:ivec="),
        # Opcode and size, little endian: an identification, a status request, the beginning of a job.
        ("Canon CAPT", rb"(?:\xa1\xa1|\xa0\xa1|\xa8\xa0|\xa1\xa0|\xa2\xa3|\xa0\xa2|\xa0\xe0)[\x04-\xff]\0"),
        ("Canon LIPS", rb"\x1b%@\s*(?:\x90|\x1bP)[0-9;]+J"),
        ("Ricoh RPDL", rb"\x1b\x12!@R00"),
        ("Kyocera PRESCRIBE", rb"\s*!R!"),
        ("a Lexmark inkjet language", rb"\x1b\*(?:m\0|[\x80\x07\x04]\0)"),
        ("an Alps MicroDry language", rb"\x1be\x1b%\x80A"),
        ("IPDS", rb"\0[\x05-\xff]\xd6[\x03\x0d\x1d\x2d-\x2f\x33\x3f\x4d-\x4f\x8f\x97\xce\xe4]"),
        ("AFP (MO:DCA)", rb"\x5a..\xd3[\xa6\xa8\xab\xaf\xb2\xee]"),
        ("TeX DVI", rb"\xf7[\x02\x03]\x01\x83\x92\xc0\x1c\x3b"),
        ("Zebra ZPL", rb"\s*+(?:CT~~CD,~CC\^~CT~\s*+)?+(?:~[A-Z]{2}[^\n~^]*+\s*+)*+\^XA"),
        (
            "Zebra EPL",
            rb"\s*+(?:[A-Za-z][\w,+-]{0,20}+\r?\n\s*+){0,8}?N\r?\n(?:[A-Za-z][^\n]*+\n)*?(?:q\d|Q\d+,|[ABb]\d+,\d+,|GW\d|[DS]\d)",
        ),
        ("Zebra CPCL", rb"! (?:\d+ \d+ \d+ \d+ \d+|U1 )"),
        ("TSPL", rb"\s*SIZE +\d[\d.]*(?: *mm)? *, *\d"),
    )
)


def maker_language(head: bytes) -> str | None:
    """The name of the language of a file that begins with `head`; None if it is none of these."""
    if _PJL.match(head) and (entered := _ENTER.search(head)):
        return _ENTERED.get(entered[1].upper())
    return next((name for name, signature in _SIGNATURES if signature.match(head)), None)
