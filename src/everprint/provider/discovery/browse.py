"""Printers that announce themselves by DNS-SD (RFC 6763, Bonjour Printing Specification): heard for some seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

from zeroconf import Error, InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from everprint.provider.discovery.found import MOST_DEVICES, DiscoveryFailed, FoundDevice, is_plain_uri, words

# The scheme that a queue reaches each service by, and the port that is not said in the URI.
_SERVICES = {
    "_ipp._tcp.local.": ("ipp", 631),
    "_ipps._tcp.local.": ("ipps", 631),
    "_pdl-datastream._tcp.local.": ("socket", 9100),
    "_printer._tcp.local.": ("lpd", 515),
}
_RESOLVE_S = 3.0
_AT_ONCE = 50


async def browse(seconds: float, interfaces: Sequence[str] = ()) -> list[FoundDevice]:
    """Whoever announces a printer within so many seconds. Raises DiscoveryFailed."""
    heard: dict[tuple[str, str], None] = {}

    def note(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is not ServiceStateChange.Removed and len(heard) < MOST_DEVICES:
            heard[service_type, name] = None

    try:
        zeroconf = AsyncZeroconf(interfaces=list(interfaces) or InterfaceChoice.All, ip_version=IPVersion.V4Only)
    except OSError as error:
        raise DiscoveryFailed(f"Announcements cannot be heard: {error.strerror or error}.") from error
    try:
        browser = AsyncServiceBrowser(zeroconf.zeroconf, list(_SERVICES), handlers=[note])
        await asyncio.sleep(seconds)
        await browser.async_cancel()
        turn = asyncio.Semaphore(_AT_ONCE)
        found = await asyncio.gather(*(_resolve(zeroconf, kind, name, turn) for kind, name in heard))
    except Error as error:
        raise DiscoveryFailed(f"Announcements cannot be heard: {error!r}.") from error
    finally:
        await zeroconf.async_close()
    return [one for one in found if one is not None]


async def _resolve(
    zeroconf: AsyncZeroconf, service_type: str, name: str, turn: asyncio.Semaphore
) -> FoundDevice | None:
    try:
        info = AsyncServiceInfo(service_type, name)
        async with turn:
            answered = await info.async_request(zeroconf.zeroconf, _RESOLVE_S * 1000)
    except Error:
        return None  # a name that cannot be
    if not answered:
        return None
    record = {key: value for key, value in info.decoded_properties.items() if value is not None}
    addresses = info.parsed_addresses(IPVersion.V4Only)
    return device_of(service_type, name, addresses, info.port or 0, info.server or "", record)


def device_of(
    service_type: str, name: str, addresses: Sequence[str], port: int, host: str, record: dict[str, str]
) -> FoundDevice | None:
    """What the announcement says, as a device; None if nobody can print to that.

    Port 0 of LPD is how printers say that they have none (Bonjour Printing Specification section 3).
    """
    scheme, usual = _SERVICES[service_type]
    if not addresses or not 0 < port < 65536:
        return None
    at = addresses[0] if port == usual else f"{addresses[0]}:{port}"
    path = "" if scheme == "socket" else "/" + quote(record.get("rp", "").lstrip("/"), safe="/._~-")
    uri = f"{scheme}://{at}{path}"
    if not is_plain_uri(uri):
        return None
    return FoundDevice(
        device_uri=uri,
        name=words(name.removesuffix(f".{service_type}")),
        make_and_model=words(record.get("ty", "")),
        location=words(record.get("note", "")),
        host=words(host.rstrip(".")),
        uuid=words(record.get("UUID", "")).lower(),
        found_by="dns-sd",
    )
