"""PDF written octet by octet: its cross-reference table, page tree and trailer can be right, or wrong at will."""

from __future__ import annotations

from collections.abc import Mapping

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
A4_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"


def tree(kids: bytes, count: int | None) -> bytes:
    """A node of the page tree."""
    said = b"" if count is None else b"/Count %d" % count
    return b"<< /Type /Pages /Kids [%b] %b >>" % (kids, said)


def one_page(page: bytes = A4_PAGE, catalog: bytes = CATALOG) -> dict[int, bytes]:
    """The objects of a document of one page."""
    return {1: catalog, 2: tree(b"3 0 R", 1), 3: page}


def stream(octets: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(octets), entries, octets)


def write_pdf(
    objects: Mapping[int, bytes],
    *,
    header: bytes = HEADER,
    end: bytes = b"endobj",
    off_by: int = 0,
    trailer: bytes = b"",
) -> bytes:
    """The objects with a table that is `off_by` octets wrong; `end` is what each object ends with."""
    out, offsets = bytearray(header), dict[int, int]()
    for number, octets in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\n%b\n" % (number, octets, end)
    table = len(out)
    out += _table({number: offset + off_by for number, offset in offsets.items()})
    out += _trailer(b"/Size %d /Root 1 0 R %b" % (max(objects) + 1, trailer), table)
    return bytes(out)


def update_pdf(octets: bytes, changed: Mapping[int, bytes]) -> bytes:
    """An incremental update (ISO 32000-1 section 7.5.6): the changed objects and a table of their own at the end."""
    out, offsets = bytearray(octets), dict[int, int]()
    before = int(octets.rpartition(b"startxref\n")[2].split()[0])
    for number, body in changed.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n" + b"".join(b"%d 1\n%010d 00000 n \n" % entry for entry in sorted(offsets.items()))
    out += _trailer(b"/Size %d /Root 1 0 R /Prev %d" % (max(changed) + 1, before), table)
    return bytes(out)


def hybrid_pdf(objects: Mapping[int, bytes], hidden: Mapping[int, bytes], *, free: bool) -> bytes:
    """A hybrid file (section 7.5.8.4): `hidden` objects are in an object stream that only the second table knows.

    Where they are `free` in the first table, as the standard wants it, else they are not in it.
    """
    out, offsets = bytearray(HEADER), dict[int, int]()
    bodies = b"\n".join(hidden.values())
    starts = [sum(len(body) + 1 for body in list(hidden.values())[:before]) for before in range(len(hidden))]
    heads = b" ".join(b"%d %d" % entry for entry in zip(hidden, starts, strict=True)) + b" "
    last = max({*objects, *hidden})
    packed = stream(heads + bodies, b"/Type /ObjStm /N %d /First %d" % (len(hidden), len(heads)))
    for number, body in {**objects, last + 1: packed}.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    entries = b"".join(b"\2" + (last + 1).to_bytes(4, "big") + bytes([index]) for index in range(len(hidden)))
    index = b" ".join(b"%d 1" % number for number in hidden)
    second = len(out)
    table = stream(
        entries + b"\1" + offsets[last + 1].to_bytes(4, "big") + b"\0",
        b"/Type /XRef /W [1 4 1] /Index [%b %d 1] /Size %d /Root 1 0 R" % (index, last + 1, last + 3),
    )
    out += b"%d 0 obj\n%b\nendobj\n" % (last + 2, table)
    first = len(out)
    out += _table({number: offsets[number] for number in objects}, size=last + 1 if free else None)
    out += _trailer(b"/Size %d /Root 1 0 R /XRefStm %d" % (last + 3, second), first)
    return bytes(out)


def _table(offsets: Mapping[int, int], size: int | None = None) -> bytes:
    size = max(offsets) + 1 if size is None else size
    lines = [b"0000000000 65535 f \n"]
    for number in range(1, size):
        lines.append(b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 65535 f \n")
    return b"xref\n0 %d\n" % size + b"".join(lines)


def _trailer(entries: bytes, table: int) -> bytes:
    return b"trailer\n<< %b >>\nstartxref\n%d\n%%%%EOF\n" % (entries, table)
