"""Where the programs of a lab answer: at their VM's address, or at the virtual address that follows the service."""

from __future__ import annotations

from everprint.cluster.lab.errors import LabError
from everprint.cluster.topology.model import Address, Role, Service, Topology, VirtualMachine

ADMINISTRATOR = "admin"
SERVER_PORT = 9191


def address_of(topology: Topology, program: VirtualMachine | Service) -> Address:
    """The address that people have for it. Raises LabError."""
    if isinstance(program, VirtualMachine):
        return program.address
    for address in topology.virtual_addresses:
        if address.follows == program.name:
            return address.address
    raise LabError(f"{topology.file}: no virtual address follows {program.name}; people could not find it")


def server_url(topology: Topology) -> str:
    """Where the lab's Application Server answers. Without TLS: what would vouch for it is made at its first boot."""
    server = next((one for one in topology.programs if one.role is Role.APPLICATION_SERVER), None)
    if server is None:
        raise LabError(f"{topology.file}: there is no Application Server that its print servers could report to")
    return f"http://{address_of(topology, server)}:{SERVER_PORT}"
