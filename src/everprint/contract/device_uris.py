"""The device URIs that a queue may have, and which devices take octets without answering. Both sides go by this list:
the server refuses other URIs, and the provider opens no other device.
"""

from __future__ import annotations

from urllib.parse import urlsplit

ANSWERING_SCHEMES = ("ipp", "ipps")
# A raw port (AppSocket) and LPD: one job at a time, and nothing can be asked about it afterwards.
ONE_WAY_SCHEMES = ("socket", "lpd")
# A queue that CUPS owns, with our backend before its own: `everprint:REAL-URI`. We open none of these ourselves.
HOOK_SCHEME = "everprint"
# A Find-Me queue: no device at all. Its jobs wait until they are released at a printer.
FIND_ME = "find-me:"
DEVICE_SCHEMES = (*ANSWERING_SCHEMES, *ONE_WAY_SCHEMES)
_WITH_HOST = frozenset({*DEVICE_SCHEMES, "http", "https"})


def scheme_of(device_uri: str) -> str:
    """The scheme, in lower case."""
    return urlsplit(device_uri).scheme


def is_hooked(device_uri: str) -> bool:
    """True for a queue that CUPS owns."""
    return device_uri.startswith(f"{HOOK_SCHEME}:")


def is_find_me(device_uri: str) -> bool:
    """True for a queue without a device, whose jobs are released at printers of other queues."""
    return device_uri == FIND_ME


def behind_hook(device_uri: str) -> str:
    """The URI of the real device, for a queue that CUPS owns; any other URI as it is."""
    return device_uri.removeprefix(f"{HOOK_SCHEME}:")


def before_device(device_uri: str) -> str:
    """The URI with our backend before it; one that has it already as it is."""
    return device_uri if is_hooked(device_uri) else f"{HOOK_SCHEME}:{device_uri}"


def is_one_way(device_uri: str) -> bool:
    """True for a device that takes one job at a time and cannot be asked about it afterwards."""
    return scheme_of(device_uri) in ONE_WAY_SCHEMES


def host_of(device_uri: str) -> str:
    """The host that the URI names; empty where it names a queue, a name on the network, or a local port."""
    parts = urlsplit(behind_hook(device_uri))
    try:
        return (parts.hostname or "") if parts.scheme in _WITH_HOST else ""
    except ValueError:
        return ""


def without_password(device_uri: str) -> str:
    """The URI as logs and pages may show it: without user name and password."""
    scheme, authority, rest = device_uri.partition("://")
    if not authority:
        return device_uri
    return f"{scheme}://{rest.rpartition('@')[2]}"
