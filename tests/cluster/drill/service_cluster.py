"""Three hosts of the lab that run an Application Server and a print server themselves: quick to start, and real."""

from __future__ import annotations

_HEAD = """
name = "print"
modes = [1, 2]
[timing]
token = "1 s"
monitor = "2 s"
health_timeout = "5 s"
failures_before_move = 20
[[networks]]
name = "people"
bridge = "br0"
addresses = "10.97.0.0/24"
gateway = "10.97.0.254"
[[storage]]
name = "state"
kind = "shared-folder"
path = "/srv/state"
"""
_HOST = """
[[hosts]]
name = "{name}"
address = "10.97.0.{number}"
memory = "8 GiB"
cores = 2
[[hosts.fencing]]
agent = "fence_ipmilan"
address = "10.97.0.254"
port = 902{number}
user = "fence"
password_script = "/etc/everprint/bmc-password"
options = {{ lanplus = "1", cipher = "3", power_wait = "0" }}
"""
_SERVICE = """
[[services]]
name = "{name}"
role = "{role}"
memory = "512 MiB"
[[virtual_addresses]]
name = "{name}-address"
address = "10.97.0.{number}"
network = "people"
follows = "{name}"
"""
TEXT = (
    _HEAD
    + "".join(_HOST.format(name=name, number=number) for number, name in enumerate(("alpha", "beta", "gamma"), 1))
    + _SERVICE.format(name="server", role="application-server", number=50)
    + _SERVICE.format(name="print1", role="print-server", number=51)
)
SERVER_URL = "http://10.97.0.50:9191"

# As `everprint cluster lab run`, for who is in the lab's own namespaces already.
VIA = """#!/bin/sh
first=$(cat {folder}/hosts/$1/first-process)
shift
kill -0 "$first" 2>/dev/null || {{ echo "it is off" >&2; exit 255; }}
exec nsenter --target "$first" --mount --pid --net --ipc --uts -- \\
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
"""
