"""Who may look at the page and give commands: printed pages are private, and commands break things.

IPP is open to everybody, as on a printer of this kind; this is about everything else.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from everprint.serving.asgi import Scope
from everprint.virtual_printer.addresses import host_name
from everprint.virtual_printer.http import HttpProblem, header

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Access:
    """The loopback, and the networks that were named when the printer was started."""

    networks: tuple[Network, ...] = ()

    def check(self, scope: Scope) -> None:
        """Raises HttpProblem for a stranger, or for a page of another site that uses a friend's browser."""
        peer = scope["client"][0] if scope.get("client") else ""
        if not self._is_friend(peer):
            raise HttpProblem(403, f"{peer} may not look here: start the printer with --control-from to allow it")
        host = header(scope, b"host")
        if not _is_our_name(host):
            # A name that was pointed at this address by somebody else (DNS rebinding).
            raise HttpProblem(403, f"this printer is not called {host[:80]!r}: use its address")
        origin = header(scope, b"origin")
        if origin and origin not in (f"http://{host}", f"https://{host}"):
            raise HttpProblem(403, "the request comes from another site's page")

    def _is_friend(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return address.is_loopback or any(address in network for network in self.networks)


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks in CIDR notation, or single addresses.

    Raises ValueError with a text that names the wrong one.
    """
    return tuple(ipaddress.ip_network(text) for text in texts)


def _is_our_name(host: str) -> bool:
    name = host_name(host) or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name in ("localhost", socket.gethostname().lower(), socket.getfqdn().lower())
    return True
