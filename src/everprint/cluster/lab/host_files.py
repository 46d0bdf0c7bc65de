"""What a host of the lab has before it is switched on for the first time: what administrators set up."""

from __future__ import annotations

import uuid
from importlib import resources
from ipaddress import ip_interface

from everprint.cluster.lab.plan import LabHost, LabPlan
from everprint.cluster.lab.services import unit_files
from everprint.cluster.topology.model import Topology

_ENABLED = "/etc/everprint-lab/enabled/"

# libvirt without what a namespace has not: control groups, security modules, a log daemon.
_QEMU_CONF = """\
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = [ ]
namespaces = [ ]
stdio_handler = "file"
seccomp_sandbox = 0
"""
_LIBVIRTD_CONF = """\
listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
auth_unix_rw = "none"
unix_sock_group = "root"
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
"""


def files_of(host: LabHost, plan: LabPlan, topology: Topology) -> dict[str, tuple[bytes, int]]:
    """Path to content and mode."""
    own = ip_interface(host.addresses[0]).ip
    names = "".join(f"{ip_interface(each.addresses[0]).ip} {each.name}\n" for each in plan.hosts)
    systemctl = resources.files("everprint.cluster.lab").joinpath("systemctl").read_bytes()
    texts = {
        "/etc/hostname": f"{host.name}\n",
        "/etc/hosts": f"127.0.0.1 localhost\n{names}",
        "/etc/everprint-lab/cards": _cards(host, plan),
        "/etc/everprint-lab/shares": "".join(f"{name} {path}\n" for name, path in host.shares),
    }
    if topology.vms:
        identity = uuid.uuid5(uuid.NAMESPACE_DNS, f"{host.name}.{plan.name}")  # two of one UUID refuse to migrate
        texts |= {
            f"{_ENABLED}libvirtd.service": "",
            "/etc/libvirt/qemu.conf": f'{_QEMU_CONF}migration_address = "{own}"\n',
            "/etc/libvirt/libvirtd.conf": f'{_LIBVIRTD_CONF}host_uuid = "{identity}"\n',
        }
    files = {path: (text.encode(), 0o644) for path, text in texts.items()}
    files |= {path: (text.encode(), mode) for path, (text, mode) in unit_files(topology).items()}
    files["/usr/bin/systemctl"] = (systemctl, 0o755)
    for each in topology.hosts:
        for device in each.fencing:
            if device.password_script:
                script = f"#!/bin/sh\necho {host.bmcs[0].password}\n"
                files[device.password_script] = (script.encode(), 0o700)
    return files


def _cards(host: LabHost, plan: LabPlan) -> str:
    rows = zip(host.addresses, host.bridges, plan.gateways, strict=True)
    return "".join(
        f"eth{link} {own} {ip_interface(via).ip} {bridge or '-'}\n" for link, (own, bridge, via) in enumerate(rows)
    )
