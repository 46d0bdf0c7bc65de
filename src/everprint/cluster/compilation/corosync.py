"""corosync.conf(5) and votequorum(5): who the hosts are, how they hear each other, who has a vote."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from everprint.cluster.topology.model import Host, QuorumDevice, Topology

Value = str | int | list["Entry"]
Entry = tuple[str, Value]

# Hosts whose number is fixed by two: one half of two is no majority.
_TWO = 2


def config_version(topology: Topology) -> int:
    """A number that changes with the file: by it a running Corosync tells which one it has read."""
    return zlib.crc32(_conf(topology, 0).encode())


def corosync_conf(topology: Topology) -> str:
    """The file, the same on every host."""
    return _conf(topology, config_version(topology))


def _conf(topology: Topology, version: int) -> str:
    entries: list[Entry] = [
        (
            "totem",
            [
                ("version", 2),
                ("config_version", version),
                ("cluster_name", topology.name),
                ("transport", "knet"),
                ("ip_version", f"ipv{topology.hosts[0].address.version}"),
                ("token", topology.timing.token_ms),
                # What is said between hosts stops and starts machines: nobody else may say it.
                ("crypto_cipher", "aes256"),
                ("crypto_hash", "sha256"),
            ],
        ),
        ("quorum", _quorum(topology.hosts, topology.quorum_device)),
        ("nodelist", [("node", _node(number, host)) for number, host in enumerate(topology.hosts, 1)]),
        (
            "logging",
            [
                ("to_syslog", "yes"),
                ("to_logfile", "yes"),
                ("logfile", "/var/log/corosync/corosync.log"),
                ("timestamp", "on"),
            ],
        ),
    ]
    return "# Made by everprint cluster from the topology file. Changes here are lost.\n" + _written(entries, "")


def _quorum(hosts: Sequence[Host], device: QuorumDevice | None) -> list[Entry]:
    entries: list[Entry] = [("provider", "corosync_votequorum")]
    if device is not None:
        net: list[Entry] = [("host", str(device.address)), ("algorithm", device.algorithm.value), ("tls", "on")]
        # ffsplit has one vote for whichever half; lms makes up for all hosts but one.
        votes = 1 if device.algorithm == "ffsplit" else len(hosts) - 1
        entries.append(("device", [("model", "net"), ("votes", votes), ("net", net)]))
    elif len(hosts) == _TWO:
        entries.append(("two_node", 1))
    return entries


def _node(number: int, host: Host) -> list[Entry]:
    second: list[Entry] = [("ring1_addr", str(host.second_address))] if host.second_address else []
    return [("nodeid", number), ("name", host.name), ("ring0_addr", str(host.address)), *second]


def _written(entries: Sequence[Entry], indent: str) -> str:
    lines: list[str] = []
    for key, value in entries:
        if isinstance(value, list):
            lines.append(f"{indent}{key} {{\n{_written(value, indent + '    ')}{indent}}}\n")
        else:
            lines.append(f"{indent}{key}: {value}\n")
    return "".join(lines)
