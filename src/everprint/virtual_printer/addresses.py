"""How clients call the printer and its page."""

from __future__ import annotations

import re

PATH = "/ipp/print"
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{1,5})?")


def printer_uri(host: str, *, tls: bool) -> str:
    """The printer, for a client that calls it by that host and port."""
    return f"{'ipps' if tls else 'ipp'}://{host}{PATH}"


def host_name(host: str) -> str | None:
    """The name or address in a Host header, in lower case and without brackets; None if there is none in it."""
    match = _HOST.fullmatch(host)
    return (match[1] or match[2]).lower() if match else None


def page_address(host: str, page_port: int, *, tls: bool) -> str:
    """Where the page is for a client that calls the printer's port by that host (and port)."""
    name = host_name(host) or "localhost"
    return f"{'https' if tls else 'http'}://{f'[{name}]' if ':' in name else name}:{page_port}/"
