"""Announces the queues on the local network, so that clients find them by themselves (DNS-SD over mDNS).

After Apple's Bonjour Printing Specification and PWG 5100.14: _ipp._tcp and _ipps._tcp, with the sub-types _print and
_universal (AirPrint) where the printer takes URF. Announcing is all: what others announce is not listened to.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress

from ifaddr import get_adapters
from zeroconf import Error, InterfaceChoice, IPVersion, NonUniqueNameException, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from everprint.contract.messages import Authentication
from everprint.provider.dns_sd_text import text_record
from everprint.provider.front.call import Ports
from everprint.provider.queue import Queue
from everprint.provider.queues import Queues
from everprint.provider.settings import ProviderSettings

log = logging.getLogger(__name__)

_LOOK_S = 2.0
_MOST_NAME_OCTETS = 63


class Announcements:
    """Announces each queue while it is there. `ports` is known once the provider listens."""

    def __init__(self, settings: ProviderSettings, queues: Queues, admin_url: str) -> None:
        self.ports = Ports(None, None)
        self._settings = settings
        self._queues = queues
        self._admin_url = admin_url
        self._announced: dict[str, tuple[object, list[ServiceInfo]]] = {}

    async def run(self) -> None:
        """Keeps the announcements as the queues are, until it is cancelled."""
        interfaces = self._settings.dns_sd_interfaces or InterfaceChoice.All
        self._announced.clear()
        try:
            zeroconf = AsyncZeroconf(interfaces=interfaces, ip_version=IPVersion.V4Only)
        except OSError as error:
            log.warning("queues cannot be announced reason=%s", error)
            return
        try:
            while True:
                try:
                    await self._announce(zeroconf)
                except (Error, OSError) as error:
                    # People can still type the address: nobody's job waits for an announcement.
                    log.warning('queues cannot be announced reason="%r"', error)
                await asyncio.sleep(_LOOK_S)
        finally:
            await zeroconf.async_close()

    async def _announce(self, zeroconf: AsyncZeroconf) -> None:
        for name in [name for name in self._announced if name not in self._queues]:
            await self._withdraw(zeroconf, name)
        if self.ports.plain is None:
            return
        for queue in [queue for queue in self._queues.values() if not queue.is_hooked]:  # those CUPS announces
            state = (queue.revision, self.ports)
            was, services_before = self._announced.get(queue.name, (None, []))
            if was == state:
                continue
            services = self._services(queue)
            if [service.key for service in services] == [service.key for service in services_before]:
                self._announced[queue.name] = (state, services)
                for service in services:
                    await zeroconf.async_update_service(service)
                continue
            if services_before:
                await self._withdraw(zeroconf, queue.name)
            await self._register(zeroconf, queue.name, state, services)

    async def _register(self, zeroconf: AsyncZeroconf, name: str, state: object, services: list[ServiceInfo]) -> None:
        self._announced[name] = (state, services)
        for service in services:
            try:
                await zeroconf.async_register_service(service, allow_name_change=False)
            except NonUniqueNameException:
                log.warning("queue is announced by somebody else already name=%s", service.name)

    async def _withdraw(self, zeroconf: AsyncZeroconf, name: str) -> None:
        for service in self._announced.pop(name)[1]:
            with suppress(KeyError):
                await zeroconf.async_unregister_service(service)

    def _services(self, queue: Queue) -> list[ServiceInfo]:
        """One service a scheme, and again under each sub-type."""
        host = (self._settings.host_name or socket.gethostname()).partition(".")[0]
        label = (queue.settings.info or queue.name).replace(".", " ")
        label = label.encode()[:_MOST_NAME_OCTETS].decode("utf-8", "ignore")
        subtypes = (
            ("", "_print._sub.", "_universal._sub.") if "urf-supported" in queue.shown else ("", "_print._sub.")
        )
        schemes = [("_ipps._tcp.local.", self.ports.tls)]
        if queue.settings.authentication is not Authentication.BASIC:
            schemes.append(("_ipp._tcp.local.", self.ports.plain))
        addresses = _addresses(self._settings.dns_sd_interfaces)
        return [
            _service(
                subtype,
                ServiceInfo(
                    f"{subtype}{service}",
                    f"{label}.{service}",
                    port=port,
                    properties=text_record(queue, self._admin_url, tls=self.ports.tls is not None),
                    server=f"{host}.local.",
                    parsed_addresses=addresses,
                ),
            )
            for service, port in schemes
            if port is not None
            for subtype in subtypes
        ]


def _service(subtype: str, service: ServiceInfo) -> ServiceInfo:
    """The library's registry holds one service a key, and takes the name as key: a sub-type needs its own."""
    service.key = f"{subtype}{service.key}"
    return service


def _addresses(interfaces: list[str]) -> list[str]:
    """The IPv4 addresses to announce: those of the interfaces given, else all but the loopback's."""
    if interfaces:
        return interfaces
    found = [str(ip.ip) for adapter in get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return [address for address in found if not address.startswith("127.")] or found
