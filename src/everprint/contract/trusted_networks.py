"""From which addresses a queue believes the client's word on who prints; the same on both sides."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def read_networks(cidrs: Iterable[str]) -> tuple[Network, ...]:
    """The networks of these texts; one that cannot be read trusts nobody."""
    found: list[Network] = []
    for cidr in cidrs:
        try:
            found.append(ipaddress.ip_network(cidr, strict=False))
        except ValueError:
            continue
    return tuple(found)


def is_in(address: str, networks: Iterable[Network]) -> bool:
    """True if the address is in one of them; one of IPv4 also as IPv6 maps it."""
    try:
        client = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(client, ipaddress.IPv6Address) and client.ipv4_mapped is not None:
        client = client.ipv4_mapped
    return any(client in network for network in networks)
