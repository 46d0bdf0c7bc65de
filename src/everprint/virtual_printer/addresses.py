"""How clients call the printer and its page."""

from __future__ import annotations

from urllib.parse import urlsplit

PATH = "/ipp/print"


def printer_uri(host: str, *, tls: bool) -> str:
    """The printer, for a client that calls it by that host and port."""
    return f"{'ipps' if tls else 'ipp'}://{host}{PATH}"


def page_address(host: str, page_port: int, *, tls: bool) -> str:
    """Where the page is for a client that calls the printer's port by that host (and port)."""
    name = urlsplit(f"//{host}").hostname or "localhost"
    return f"{'https' if tls else 'http'}://{f'[{name}]' if ':' in name else name}:{page_port}/"
