"""What a queue may be called, where its device may be, and who may be trusted: refused by name otherwise."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

# The last part of the queue's URI: nothing that needs quoting in a URI, a shell or a page.
QUEUE_NAME = r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,126}\Z"

DEVICE_SCHEMES = ("ipp", "ipps")


def check_device_uri(uri: str) -> None:
    """Refuses all but ipp:// and ipps:// with a host: no file:, nothing local (CVE-2026-34990).

    Raises ValidationError.
    """
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValidationError(f"{uri!r} is not a device URI: {error}") from error
    if parts.scheme not in DEVICE_SCHEMES:
        raise ValidationError(f"{uri!r} is not a device URI: expected ipp://... or ipps://...")
    if not host or any(character.isspace() or not character.isprintable() for character in uri):
        raise ValidationError(f"{uri!r} is not a device URI: expected ipp://host:port/path")


def check_networks(networks: Iterable[str]) -> None:
    """Refuses what is not a list of networks in CIDR notation.

    Raises ValidationError.
    """
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise ValidationError(f"{network!r} is not a network like 192.0.2.0/24 or 2001:db8::/32") from error
