"""Where a part listens: an address, a port, and a certificate if it speaks TLS."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

EVERY_ADDRESS = "*"


class CannotListen(Exception):
    """A listener cannot be opened; the text says which, why and what to do."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One address to listen on. Port 0 lets the system choose; host "*" is every address, IPv6 and IPv4."""

    host: str
    port: int
    certificate: Path | None = None  # PEM: the certificate and its chain
    key: Path | None = None  # PEM; None if it is in the certificate's file

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"

    def tls_context(self) -> ssl.SSLContext | None:
        """What TLS connections are made with; None for plain ones.

        Raises CannotListen.
        """
        if self.certificate is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        self.load_into(context)
        return context

    def load_into(self, context: ssl.SSLContext) -> None:
        """Has connections from now on show the certificate as its files are now.

        Raises CannotListen.
        """
        assert self.certificate is not None
        try:
            context.load_cert_chain(self.certificate, self.key, password=_no_password)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise CannotListen(
                f"{self}: the certificate {self.certificate} and its key cannot be used ({error}); "
                "both must be PEM, belong together and have no pass phrase"
            ) from error

    def certificate_stamp(self) -> tuple[tuple[int, int, int] | None, ...]:
        """Another one whenever a file of the certificate was replaced or written."""
        return tuple(_stamp(path) for path in (self.certificate, self.key) if path is not None)

    def open_socket(self) -> socket.socket:
        """A bound socket.

        Raises CannotListen.
        """
        try:
            if self.host == EVERY_ADDRESS:
                return _bind_every_address(self.port)
            family, kind, protocol, _, address = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            return _bind(socket.socket(family, kind, protocol), address)
        except OSError as error:
            raise CannotListen(
                f"{self}: cannot listen here ({error.strerror or error}); choose another address or port, "
                "or stop what uses it (`ss -ltnp` names it)"
            ) from error


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _bind_every_address(port: int) -> socket.socket:
    if socket.has_dualstack_ipv6():
        listening = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        return _bind(listening, ("::", port))
    return _bind(socket.socket(socket.AF_INET, socket.SOCK_STREAM), ("0.0.0.0", port))  # noqa: S104 - asked for


def _bind(listening: socket.socket, address: tuple[object, ...]) -> socket.socket:
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def _no_password() -> str:
    """A key with a pass phrase must fail, not ask on a terminal that a service does not have."""
    return ""
