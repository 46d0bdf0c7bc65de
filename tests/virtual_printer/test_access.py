"""Who may look at the page and give commands."""

from __future__ import annotations

import socket

import pytest

from everprint.serving.asgi import Scope
from everprint.virtual_printer.access import Access, read_networks
from everprint.virtual_printer.http import HttpProblem


def request(peer: str, host: str = "192.0.2.1:6380", origin: str = "") -> Scope:
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin else [])
    return {"client": (peer, 40000), "headers": headers}


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "192.0.2.77", "2001:db8::9"])
def test_friends_are_let_in(peer: str) -> None:
    Access(read_networks(["192.0.2.0/24", "2001:db8::/32"])).check(request(peer))


@pytest.mark.parametrize("peer", ["192.0.3.1", "10.0.0.1", "2001:db9::1", "", "unix", "127.0.0.1.example"])
def test_strangers_are_not(peer: str) -> None:
    with pytest.raises(HttpProblem, match="may not look here"):
        Access(read_networks(["192.0.2.0/24"])).check(request(peer))


@pytest.mark.parametrize("host", ["localhost", "localhost:6380", "127.0.0.1", "[::1]:6380", socket.gethostname()])
def test_the_printer_is_called_by_its_own_names(host: str) -> None:
    Access().check(request("127.0.0.1", host))


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:6380", "", "evil@localhost:x", "[::1"])
def test_another_name_is_a_trick(host: str) -> None:
    with pytest.raises(HttpProblem, match="is not called"):
        Access().check(request("127.0.0.1", host))


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://192.0.2.1", "http://192.0.2.1:6381"])
def test_another_sites_page_is_not_heard(origin: str) -> None:
    with pytest.raises(HttpProblem, match="another site"):
        Access().check(request("127.0.0.1", origin=origin))
