"""curl as an IPP client: the request's octets are laid by hand after RFC 8010, without anybody's IPP library.

It is a check on our own codec by something that shares no line with it.
"""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

OPERATION_GROUP, JOB_GROUP, END = 0x01, 0x02, 0x03
INTEGER, ENUM, NAME, KEYWORD, URI, CHARSET, LANGUAGE, MIME_TYPE = 0x21, 0x23, 0x42, 0x44, 0x45, 0x47, 0x48, 0x49

PRINT_JOB, VALIDATE_JOB, GET_JOB_ATTRIBUTES, GET_PRINTER_ATTRIBUTES = 0x0002, 0x0004, 0x0009, 0x000B


def attribute(tag: int, name: str, *values: bytes) -> bytes:
    """One attribute with all its values: the further ones have an empty name (RFC 8010 section 3.1.5)."""
    laid = b""
    for number, value in enumerate(values):
        octets = name.encode() if number == 0 else b""
        laid += struct.pack(">BH", tag, len(octets)) + octets + struct.pack(">H", len(value)) + value
    return laid


def request(operation: int, uri: str, *attributes: bytes, job_attributes: bytes = b"") -> bytes:
    """A request of version 2.0 with an operation group, and a job group if there is something for it."""
    first = attribute(CHARSET, "attributes-charset", b"utf-8") + attribute(
        LANGUAGE, "attributes-natural-language", b"en"
    )
    target = attribute(URI, "printer-uri", uri.encode())
    head = struct.pack(">BBHI", 2, 0, operation, 1)
    job = bytes([JOB_GROUP]) + job_attributes if job_attributes else b""
    return head + bytes([OPERATION_GROUP]) + first + target + b"".join(attributes) + job + bytes([END])


def post(uri: str, body: bytes, folder: Path, options: Sequence[str] = ()) -> tuple[int, bytes]:
    """Sends the octets by curl; the HTTP status and the octets of the answer."""
    sent, received = folder / "request.ipp", folder / "answer.ipp"
    sent.write_bytes(body)
    received.write_bytes(b"")
    url = uri.replace("ipps://", "https://").replace("ipp://", "http://")
    headers = ["-H", "Content-Type: application/ipp"]
    result = subprocess.run(
        ["curl", "-sS", *options, *headers, "--data-binary", f"@{sent}", "-o", received, "-w", "%{http_code}", url],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, f"curl: {result.stderr.strip()}"
    return int(result.stdout), received.read_bytes()


def status_code(answer: bytes) -> int:
    """The status-code of an answer: its third and fourth octet."""
    return int(struct.unpack_from(">H", answer, 2)[0])


def integer_value(answer: bytes, name: str) -> int:
    """The first value of an integer or enum attribute, found by its name."""
    octets = name.encode()
    for tag in (INTEGER, ENUM):
        mark = struct.pack(">BH", tag, len(octets)) + octets + struct.pack(">H", 4)
        place = answer.find(mark)
        if place >= 0:
            return int(struct.unpack_from(">i", answer, place + len(mark))[0])
    raise AssertionError(f"{name} is not in the answer {answer!r}")
