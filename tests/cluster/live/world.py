"""Hosts that are folders of this machine, with one cluster's configuration and status in a file.

Pacemaker's own tools (`crm_mon`, `cibadmin`, `crm_attribute`) work on that file as they do on a running cluster
(*CIB_file*), and its simulator plays the engine. Only `systemctl` and Corosync's two small tools are stand-ins.
"""

from __future__ import annotations

from pathlib import Path

from everprint.cluster.compilation.cib import FEATURE_SET, SCHEMA
from everprint.cluster.hosts.via import HostsVia
from everprint.cluster.prediction.simulator import Event, Prediction, simulate
from everprint.cluster.topology.model import Topology
from everprint.cluster.topology.reader import parse_topology

HOSTS = ("alpha", "beta")
HOST = """
[[hosts]]
name = "{0}"
address = "192.0.2.{1}"
second_address = "198.51.100.{1}"
memory = "8 GiB"
cores = 4
[[hosts.fencing]]
agent = "fence_ipmilan"
address = "203.0.113.{1}"
[[hosts.fencing]]
agent = "watchdog"
"""
VM = """
[[vms]]
name = "{0}"
role = "print-server"
memory = "1 GiB"
cores = 1
disk = "4 GiB"
storage = "images"
network = "people"
address = "192.0.2.{1}"
protection = "app-ha"
"""
TEXT = (
    'name = "print"\nmodes = [1]\n[quorum_device]\naddress = "198.51.100.99"\n'
    + "".join(HOST.format(name, 11 + number) for number, name in enumerate(HOSTS))
    + '[[networks]]\nname = "people"\nbridge = "br0"\naddresses = "192.0.2.0/24"\n'
    + '[[storage]]\nname = "images"\nkind = "shared-folder"\npath = "/srv/images"\n'
    + (VM.format("print1", 51) + VM.format("print2", 52)).replace('app-ha"\n', 'app-ha"\nreports_to = "https://p"\n')
)

VIA = """#!/bin/bash
root=$(dirname "$0"); host=$1; shift
echo "$host $*" >>"$root/commands"
[ -e "$root/$host/gone" ] && { echo "no route to $host" >&2; exit 255; }
case $1 in
    crm_*|cibadmin|corosync-*) [ -e "$root/$host/running" ] || { echo "Connection refused" >&2; exit 102; } ;;
esac
words=()
for word; do
    case $word in /|/etc/*|/usr/lib/ocf/*|/var/lib/*) word=$root/$host$word ;; esac
    words+=("$word")
done
export PATH="$root/bin:$PATH" HOST_FOLDER="$root/$host" CIB_file="$root/cib.xml"
set -o pipefail
"${words[@]}" | sed "s#$root/$host##g"
"""
SYSTEMCTL = """#!/bin/bash
version() { sed -n 's/.*config_version: //p' "$HOST_FOLDER/etc/corosync/corosync.conf"; }
case "$*" in
    "is-active --quiet corosync.service") [ -e "$HOST_FOLDER/running" ] ;;
    "is-active --quiet corosync-qdevice.service") [ -e "$HOST_FOLDER/running" ] ;;
    "is-active --quiet pacemaker.service") [ -e "$HOST_FOLDER/running" ] && [ ! -e "$HOST_FOLDER/half" ] ;;
    "enable --now corosync.service corosync-qdevice.service pacemaker.service")
        rm -f "$HOST_FOLDER/half"
        [ -s "$HOST_FOLDER/etc/corosync/authkey" ] || { echo "no authkey" >&2; exit 1; }
        version >"$HOST_FOLDER/running" ;;
    "disable --now pacemaker.service" | "disable --now corosync-qdevice.service") ;;
    "disable --now corosync.service") rm -f "$HOST_FOLDER/running" ;;
    *) echo "Unknown command $*" >&2; exit 1 ;;
esac
"""
CMAPCTL = '#!/bin/sh\necho "totem.config_version (u64) = $(cat "$HOST_FOLDER/running")"\n'
CFGTOOL = """#!/bin/sh
for running in "$HOST_FOLDER"/../*/running; do
    sed -n 's/.*config_version: //p' "$(dirname "$running")/etc/corosync/corosync.conf" >"$running"
done
"""
# What the engine has written by itself when the hosts have formed a cluster.
EMPTY = f"""<cib validate-with="{SCHEMA}" crm_feature_set="{FEATURE_SET}" admin_epoch="0" epoch="1" num_updates="0"
 have-quorum="1" dc-uuid="1"><configuration><crm_config><cluster_property_set id="cib-bootstrap-options">
<nvpair id="cib-bootstrap-options-dc-version" name="dc-version" value="2.1.5"/></cluster_property_set></crm_config>
<nodes><node id="1" uname="alpha"/><node id="2" uname="beta"/></nodes>
<resources/><constraints/></configuration><status/></cib>"""


class World:
    """Hosts that have nothing of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.via = str(self._program("via", VIA))
        self.hosts = HostsVia([self.via])
        self._program("bin/systemctl", SYSTEMCTL)
        self._program("bin/corosync-cmapctl", CMAPCTL)
        self._program("bin/corosync-cfgtool", CFGTOOL)
        for host in HOSTS:
            (folder / host).mkdir()
        self.cib = folder / "cib.xml"
        self.cib.write_text(EMPTY)
        self.happens(*(Event.joins(host) for host in HOSTS))

    def _program(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def happens(self, *events: Event) -> Prediction:
        """Lets the engine do what is due after these events."""
        after = simulate(self.cib.read_text(), *events)
        self.cib.write_text(after.cib)
        return after

    def files(self) -> dict[str, bytes]:
        """All that is on the hosts."""
        found = (path for host in HOSTS for path in (self.folder / host).rglob("*"))
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in found if path.is_file()}

    def commands(self) -> list[str]:
        """What was run at hosts so far."""
        return (self.folder / "commands").read_text().splitlines()


def topology_of(text: str = TEXT) -> Topology:
    return parse_topology(text, "t.toml")
