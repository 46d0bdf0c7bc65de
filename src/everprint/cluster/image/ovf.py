"""The description of the VM for VMware and whoever else reads OVF (DMTF DSP0243 1.1; DSP8023 is its schema).

The values are CIM's (CIM_ResourceAllocationSettingData.ResourceType): 3 processor, 4 memory, 6 SCSI controller,
10 network card, 15 CD drive, 17 disk, 20 SATA controller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

_OVF = "http://schemas.dmtf.org/ovf/envelope/1"
_RASD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
_VSSD = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
_VMW = "http://www.vmware.com/schema/ovf"
_DISK_FORMAT = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"
_DEBIAN_64 = "96"  # CIM_OperatingSystem.OSType


@dataclass(frozen=True)
class Machine:
    """What the VM needs. Sizes of disks are in octets; the data disk is made empty where the VM is made."""

    name: str
    processors: int
    memory_mib: int
    disk_file: str
    disk_file_size: int
    disk_size: int
    data_size: int


def describe(machine: Machine) -> bytes:
    """The OVF file: the elements of each item in the order that the schema wants."""
    for prefix, uri in (("ovf", _OVF), ("rasd", _RASD), ("vssd", _VSSD), ("vmw", _VMW)):
        ElementTree.register_namespace(prefix, uri)
    envelope = ElementTree.Element(f"{{{_OVF}}}Envelope")
    references = _add(envelope, "References")
    _add(references, "File", id="system", href=machine.disk_file, size=str(machine.disk_file_size))
    disks = _add(envelope, "DiskSection")
    _add(
        disks, "Info"
    ).text = "The system, the same for all VMs and never written; and this VM's data, empty at first"
    _add(disks, "Disk", diskId="system", fileRef="system", capacity=str(machine.disk_size), format=_DISK_FORMAT)
    _add(disks, "Disk", diskId="data", capacity=str(machine.data_size), format=_DISK_FORMAT)
    networks = _add(envelope, "NetworkSection")
    _add(networks, "Info").text = "The network that people print to"
    _add(networks, "Network", name="Printing")
    system = _add(envelope, "VirtualSystem", id=machine.name)
    _add(system, "Info").text = "Everprint"
    _add(system, "Name").text = machine.name
    operating_system = _add(system, "OperatingSystemSection", id=_DEBIAN_64)
    _add(operating_system, "Info").text = "Debian GNU/Linux 12, 64 bit"
    hardware = _add(system, "VirtualHardwareSection")
    _add(hardware, "Info").text = "A processor or two, two disks, a CD drive for the seed"
    _system_type(hardware, machine.name)
    for item in _items(machine):
        _item(hardware, item)
    config = ElementTree.SubElement(hardware, f"{{{_VMW}}}Config")
    config.set(f"{{{_OVF}}}required", "false")
    config.set(f"{{{_VMW}}}key", "firmware")
    config.set(f"{{{_VMW}}}value", "efi")
    ElementTree.indent(envelope)
    written: bytes = ElementTree.tostring(envelope, "utf-8", xml_declaration=True)
    return written + b"\n"


def _system_type(hardware: ElementTree.Element, name: str) -> None:
    system = _add(hardware, "System")
    fields = (
        ("ElementName", "Virtual Hardware Family"),
        ("InstanceID", "0"),
        ("VirtualSystemIdentifier", name),
        ("VirtualSystemType", "vmx-13"),
    )
    for key, value in fields:
        ElementTree.SubElement(system, f"{{{_VSSD}}}{key}").text = value


def _items(machine: Machine) -> list[dict[str, str]]:
    return [
        {
            "AllocationUnits": "hertz * 10^6",
            "ElementName": f"{machine.processors} virtual CPUs",
            "InstanceID": "1",
            "ResourceType": "3",
            "VirtualQuantity": str(machine.processors),
        },
        {
            "AllocationUnits": "byte * 2^20",
            "ElementName": f"{machine.memory_mib} MB of memory",
            "InstanceID": "2",
            "ResourceType": "4",
            "VirtualQuantity": str(machine.memory_mib),
        },
        {
            "Address": "0",
            "ElementName": "Disks",
            "InstanceID": "3",
            "ResourceSubType": "VirtualSCSI",
            "ResourceType": "6",
        },
        {
            "Address": "0",
            "ElementName": "CD",
            "InstanceID": "4",
            "ResourceSubType": "vmware.sata.ahci",
            "ResourceType": "20",
        },
        _disk("5", "System", "0", "system"),
        _disk("6", "Data", "1", "data"),
        {
            "AddressOnParent": "0",
            "AutomaticAllocation": "false",
            "ElementName": "CD drive for the seed",
            "InstanceID": "7",
            "Parent": "4",
            "ResourceSubType": "vmware.cdrom.remotepassthrough",
            "ResourceType": "15",
        },
        {
            "AddressOnParent": "7",
            "AutomaticAllocation": "true",
            "Connection": "Printing",
            "ElementName": "Network card",
            "InstanceID": "8",
            "ResourceSubType": "VmxNet3",
            "ResourceType": "10",
        },
    ]


def _disk(number: str, name: str, place: str, disk: str) -> dict[str, str]:
    return {
        "AddressOnParent": place,
        "ElementName": name,
        "HostResource": f"ovf:/disk/{disk}",
        "InstanceID": number,
        "Parent": "3",
        "ResourceType": "17",
    }


def _item(hardware: ElementTree.Element, fields: dict[str, str]) -> None:
    item = _add(hardware, "Item")
    for key in sorted(fields):
        ElementTree.SubElement(item, f"{{{_RASD}}}{key}").text = fields[key]


def _add(parent: ElementTree.Element, tag: str, **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, f"{{{_OVF}}}{tag}")
    for key, value in attributes.items():
        element.set(f"{{{_OVF}}}{key}", value)
    return element


def manifest(files: Sequence[tuple[str, str]]) -> bytes:
    """The manifest of name and SHA-256 of each file (DSP0243, section 5.1)."""
    return "".join(f"SHA256({name})= {digest}\n" for name, digest in files).encode()
