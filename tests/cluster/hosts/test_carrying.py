"""What one host writes is what another reads, and how either ended is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.cluster.hosts.carrying import End, carry
from everprint.cluster.hosts.port import HostUnreachable
from everprint.cluster.hosts.ssh import SshHosts
from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.topology.reader import read_topology

HERE = HostsVia(["sh", "-c", 'shift; exec "$@"', "via"])
SAMPLE = Path(__file__).parents[3] / "deploy" / "topologies" / "two-sites.toml"


def shell(host: str, script: str) -> End:
    return End(host, ["sh", "-c", script])


def ends(source: str, target: str, within_s: float = 60.0) -> tuple[int, int, str]:
    gave, took = carry(HERE, shell("alpha", source), shell("gamma", target), within_s)
    return gave.code, took.code, took.output


def test_every_octet_arrives_as_it_is() -> None:
    assert ends("head -c 3000000 /dev/zero; printf '\\377\\000'", "wc -c | tr -d ' \\n'") == (0, 0, "3000002")


def test_a_taker_that_ends_early_ends_the_giver() -> None:
    gave, took, said = ends("yes", "head -c 1 >/dev/null; echo full; exit 3")
    assert (took, said) == (3, "full\n")
    assert gave != 0


def test_a_giver_that_breaks_off_is_known() -> None:
    assert ends("printf half; exit 4", "cat") == (4, 0, "half")


def test_a_host_that_is_not_reached_is_named_with_why() -> None:
    with pytest.raises(HostUnreachable, match="gamma cannot be reached: no route"):
        ends("true", "cat >/dev/null; echo no route >&2; exit 255")
    with pytest.raises(HostUnreachable, match="alpha cannot be reached: gone"):
        ends("echo gone >&2; exit 255", "cat")
    with pytest.raises(HostUnreachable, match="did not take everything within"):
        ends("sleep 60", "cat", within_s=0.2)
    with pytest.raises(HostUnreachable, match="is not installed here"):
        carry(HostsVia(["no-such-program"]), shell("alpha", "true"), shell("gamma", "cat"), 5.0)


def test_hosts_of_the_other_site_are_reached_by_ssh_too() -> None:
    command = SshHosts(read_topology(SAMPLE)).command("gamma", ["cat", "a b"])
    assert command[0] == "ssh"
    assert command[-2:] == ["203.0.113.21", "cat 'a b'"]
