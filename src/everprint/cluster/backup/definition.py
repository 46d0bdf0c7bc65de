"""What a domain's XML (https://libvirt.org/formatdomain.html) says about its disks, and what libvirt is asked to do.

Backups: https://libvirt.org/formatbackup.html; checkpoints: https://libvirt.org/formatcheckpoint.html
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from everprint.cluster.backup.errors import BackupError
from everprint.cluster.compilation.xml import element, written

AGENT_CHANNEL = "org.qemu.guest_agent.0"


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk that a guest writes to."""

    device: str
    source: str
    format: str

    @property
    def file(self) -> str:
        """What it is called in a point."""
        return f"{self.device}.qcow2"


@dataclass(frozen=True, slots=True)
class Definition:
    """A domain, as far as backups are concerned."""

    xml: str
    disks: tuple[Disk, ...]
    images: tuple[str, ...]
    """Files that it only reads: system disk, kernel, initrd."""
    seed: str
    """The disk with its identity, which it only reads, too; empty: none."""

    @property
    def has_bitmaps(self) -> bool:
        """Can it be told what was written since the last point?"""
        return all(disk.format == "qcow2" for disk in self.disks)


def read_definition(xml: str, seed: str) -> Definition:
    """What `virsh dumpxml` said; `seed` is where the topology has the VM's seed. Raises BackupError."""
    root = _parsed(xml)
    disks, images = [], []
    for disk in root.iterfind("devices/disk"):
        target, source = disk.find("target"), disk.find("source")
        where = (
            ""
            if source is None
            else next((source.get(key, "") for key in ("file", "dev", "name") if source.get(key)), "")
        )
        if target is None or not where:
            continue  # an empty CD drive
        driver = disk.find("driver")
        if disk.find("readonly") is not None or disk.get("device", "disk") != "disk":
            images.append(where)
        else:
            kind = "raw" if driver is None else driver.get("type", "raw")
            disks.append(Disk(target.get("dev", ""), where, kind))
    images += [text for tag in ("kernel", "initrd") if (text := root.findtext(f"os/{tag}"))]
    if not disks:
        raise BackupError("the domain has no disk that it writes to: there is nothing to back up")
    return Definition(
        xml, tuple(disks), tuple(path for path in images if path != seed), seed if seed in images else ""
    )


def backup_xml(disks: tuple[Disk, ...], folder: str, base: str) -> str:
    """A push backup of the disks into files of this folder; with a checkpoint `base`, of what was written since."""
    return written(
        element(
            "domainbackup",
            {"mode": "push"},
            *([element("incremental", text=base)] if base else []),
            element(
                "disks",
                {},
                *(
                    element(
                        "disk",
                        {"name": disk.device, "backup": "yes", "type": "file"},
                        element("driver", {"type": "qcow2"}),
                        element("target", {"file": f"{folder}/{disk.file}"}),
                    )
                    for disk in disks
                ),
            ),
        )
    )


def checkpoint_xml(disks: tuple[Disk, ...], name: str) -> str:
    """The checkpoint that is set at the moment of the backup."""
    marks = [element("disk", {"name": disk.device, "checkpoint": "bitmap"}) for disk in disks]
    return written(element("domaincheckpoint", {}, element("name", text=name), element("disks", {}, *marks)))


def with_files(xml: str, files: dict[str, str]) -> str:
    """The domain with other files: `files` says for a path where it is now. Raises BackupError."""
    root = _parsed(xml)
    for source in root.iterfind("devices/disk/source"):
        for key in ("file", "dev", "name"):
            if (path := source.get(key, "")) in files:
                disk = next(disk for disk in root.iterfind("devices/disk") if disk.find("source") is source)
                _point_to(disk, source, key, files[path])
    for tag in ("kernel", "initrd"):
        found = root.find(f"os/{tag}")
        if found is not None and found.text in files:
            found.text = files[found.text]
    return ET.tostring(root, encoding="unicode") + "\n"


def _point_to(disk: ET.Element, source: ET.Element, key: str, path: str) -> None:
    if disk.find("readonly") is None and key != "file":
        # What was a volume or an image in a pool comes back as a file.
        disk.set("type", "file")
        driver = disk.find("driver")
        if driver is not None:
            driver.set("type", "qcow2")
    source.attrib.clear()
    source.set("file", path)


def _parsed(xml: str) -> ET.Element:
    try:
        return ET.fromstring(xml)  # noqa: S314 (of libvirt's own program, read within a bound)
    except ET.ParseError as error:
        raise BackupError(f"the domain's description is no XML: {error}") from error
