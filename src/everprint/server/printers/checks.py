"""What a queue may be called, where its device may be, and who may be trusted: refused by name otherwise."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from everprint.contract.device_uris import DEVICE_SCHEMES, behind_hook, is_find_me, is_hooked
from everprint.documents.media import media_size

# The last part of the queue's URI: nothing that needs quoting in a URI, a shell or a page.
QUEUE_NAME = r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,126}\Z"

MOST_IN_POOL = 63  # besides the first device
LONGEST_DEVICE_URI = 1023  # octets, as a uri of IPP (RFC 8011 section 5.1.6)

_MIME_TYPE = r"[A-Za-z0-9][A-Za-z0-9.+-]{0,63}/[A-Za-z0-9][A-Za-z0-9.+-]{0,63}"


def check_device_uri(uri: str) -> None:
    """Refuses all but an address on a network: no file:, nothing local (CVE-2026-34990).

    Raises ValidationError.
    """
    if is_hooked(uri):
        _check_hooked(uri)
        return
    if is_find_me(uri):
        return
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValidationError(f"{uri!r} is not a device URI: {error}") from error
    if parts.scheme not in DEVICE_SCHEMES:
        *most, last = (f"{scheme}://..." for scheme in DEVICE_SCHEMES)
        raise ValidationError(f"{uri!r} is not a device URI: expected {', '.join(most)} or {last}")
    if not host or any(character.isspace() or not character.isprintable() for character in uri):
        raise ValidationError(f"{uri!r} is not a device URI: expected ipp://host:port/path")


def _check_hooked(uri: str) -> None:
    """What CUPS prints to is CUPS's affair: nobody here opens it. It must be readable, and no file."""
    real = behind_hook(uri)
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*:[!-~]+", real) or real.startswith(("file:", "everprint:")):
        raise ValidationError(f"{uri!r} is not a device URI: expected everprint: and the device URI of CUPS")


def check_device_uris(uris: Iterable[str]) -> None:
    """Refuses what is not a list of device URIs, and longer ones than a pool can have.

    Raises ValidationError.
    """
    found = list(uris)
    if len(found) > MOST_IN_POOL:
        raise ValidationError(f"a pool has at most {MOST_IN_POOL + 1} devices, not {len(found) + 1}")
    for uri in found:
        if is_hooked(uri):
            raise ValidationError("a queue that CUPS owns is no device of a pool")
        if is_find_me(uri):
            raise ValidationError("a Find-Me queue has no device, and is none of a pool")
        check_device_uri(uri)
        if len(uri.encode()) > LONGEST_DEVICE_URI:
            raise ValidationError(f"a device URI has at most {LONGEST_DEVICE_URI} octets, not {len(uri.encode())}")


def check_document_formats(formats: Iterable[str]) -> None:
    """Refuses what is not a list of MIME media types.

    Raises ValidationError.
    """
    for one in formats:
        if not re.fullmatch(_MIME_TYPE, one):
            raise ValidationError(f"{one!r} is not a document format like application/pdf")


def check_media(names: Iterable[str]) -> None:
    """Refuses what is not a list of self-describing media names (PWG 5101.1).

    Raises ValidationError.
    """
    for name in names:
        if media_size(name) is None:
            raise ValidationError(f"{name!r} is not a paper like iso_a4_210x297mm")


def check_networks(networks: Iterable[str]) -> None:
    """Refuses what is not a list of networks in CIDR notation.

    Raises ValidationError.
    """
    for network in networks:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise ValidationError(f"{network!r} is not a network like 192.0.2.0/24 or 2001:db8::/32") from error
