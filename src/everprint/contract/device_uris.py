"""The device URIs that a queue may have, and which devices take octets without answering. Both sides go by this list:
the server refuses other URIs, and the provider opens no other device.
"""

from __future__ import annotations

from urllib.parse import urlsplit

ANSWERING_SCHEMES = ("ipp", "ipps")
# A raw port (AppSocket) and LPD: one job at a time, and nothing can be asked about it afterwards.
ONE_WAY_SCHEMES = ("socket", "lpd")
DEVICE_SCHEMES = (*ANSWERING_SCHEMES, *ONE_WAY_SCHEMES)


def scheme_of(device_uri: str) -> str:
    """The scheme, in lower case."""
    return urlsplit(device_uri).scheme


def is_one_way(device_uri: str) -> bool:
    """True for a device that takes one job at a time and cannot be asked about it afterwards."""
    return scheme_of(device_uri) in ONE_WAY_SCHEMES


def without_password(device_uri: str) -> str:
    """The URI as logs and pages may show it: without user name and password."""
    scheme, _, rest = device_uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
