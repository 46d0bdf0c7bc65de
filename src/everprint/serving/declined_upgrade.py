"""A request that offers an upgrade (to TLS, to HTTP/2), as it would be without the offer (RFC 9110 section 7.8).

A server may always pass such an offer over. httptools cannot: it stops behind the header and forgets the body. So the
header is fed to it again, without the offer.
"""

from __future__ import annotations

from collections.abc import Iterable

_OF_THE_OFFER = frozenset({b"upgrade", b"http2-settings"})


def header_without_upgrade(method: bytes, url: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The octets of a request's header without what belongs to the offer."""
    lines = [b"%b %b HTTP/%b" % (method, url, version.encode("ascii"))]
    for name, value in headers:
        if name in _OF_THE_OFFER:
            continue
        if name == b"connection":
            tokens = [token.strip() for token in value.split(b",")]
            value = b", ".join(token for token in tokens if token.lower() not in _OF_THE_OFFER)
            if not value:
                continue
        lines.append(b"%b: %b" % (name, value))
    return b"\r\n".join([*lines, b"", b""])
