"""Exports, checked by programs that are not ours: qemu-img, tar, sha256sum, and COT, which reads OVF."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from everprint.cluster.image.build import Image, differences, read_image
from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.export import export_image

OVF = "{http://schemas.dmtf.org/ovf/envelope/1}"
RASD = "{http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData}"
SIZE = 8 << 20


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with a disk of some blocks and many holes."""
    folder = tmp_path / "image"
    folder.mkdir()
    with (folder / "everprint.raw").open("wb") as disk:
        for place in (0, 1 << 20, 5 << 20):
            disk.seek(place)
            disk.write(bytes(range(256)) * 256)
        disk.truncate(SIZE)
    (folder / "image.json").write_text(json.dumps({"release": "r1", "digests": {}, "packages": []}))
    return folder


def run(*argv: str | Path, cwd: Path | None = None) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True, cwd=cwd).stdout


@pytest.mark.parametrize("kind", ["vhdx", "qcow2", "raw"])
def test_qemu_reads_the_same_disk(image: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"out.{kind}"
    export_image(image, kind, out)
    run("qemu-img", "compare", "-f", kind, "-F", "raw", out, image / "everprint.raw")
    if kind != "raw":
        run("qemu-img", "check", "-f", kind, out)


def test_an_ova_is_an_archive_in_the_order_that_readers_want(image: Path, tmp_path: Path) -> None:
    out = tmp_path / "everprint.ova"
    export_image(image, "ova", out)
    assert run("tar", "-tf", out).split() == ["everprint.ovf", "everprint.mf", "everprint-system.vmdk"]
    run("tar", "-xf", out, cwd=tmp_path)
    listed = (tmp_path / "everprint.mf").read_text().splitlines()
    sums = [line.removeprefix("SHA256(").replace(")= ", "  ").split("  ") for line in listed]
    (tmp_path / "sums").write_text("".join(f"{digest}  {name}\n" for name, digest in sums))
    assert run("sha256sum", "--check", "--strict", "sums", cwd=tmp_path).count(": OK") == 2
    info = json.loads(run("qemu-img", "info", "--output=json", tmp_path / "everprint-system.vmdk"))
    assert info["format-specific"]["data"]["create-type"] == "streamOptimized"
    assert info["virtual-size"] == SIZE
    run("qemu-img", "compare", "-f", "vmdk", "-F", "raw", tmp_path / "everprint-system.vmdk", image / "everprint.raw")


def test_the_description_refers_to_what_is_in_the_archive(image: Path, tmp_path: Path) -> None:
    out = tmp_path / "everprint.ova"
    export_image(image, "ova", out)
    run("tar", "-xf", out, cwd=tmp_path)
    envelope = ElementTree.parse(tmp_path / "everprint.ovf").getroot()
    sections = [element.tag.removeprefix(OVF) for element in envelope]
    assert sections == ["References", "DiskSection", "NetworkSection", "VirtualSystem"]
    file = envelope.find(f"{OVF}References/{OVF}File")
    assert file is not None
    assert file.get(f"{OVF}href") == "everprint-system.vmdk"
    assert file.get(f"{OVF}size") == str((tmp_path / "everprint-system.vmdk").stat().st_size)
    disks = {disk.get(f"{OVF}diskId"): disk for disk in envelope.iter(f"{OVF}Disk")}
    assert disks["system"].get(f"{OVF}fileRef") == file.get(f"{OVF}id")
    assert disks["system"].get(f"{OVF}capacity") == str(SIZE)
    assert disks["data"].get(f"{OVF}fileRef") is None
    items = list(envelope.iter(f"{OVF}Item"))
    ids = [item.findtext(f"{RASD}InstanceID") for item in items]
    assert len(set(ids)) == len(ids)
    for item in items:
        # The schema wants the fields of an item in alphabetical order.
        assert [field.tag for field in item] == sorted(field.tag for field in item)
        assert item.findtext(f"{RASD}Parent") in {None, *ids}
        resource = item.findtext(f"{RASD}HostResource")
        assert resource is None or resource.removeprefix("ovf:/disk/") in disks
    networks = {network.get(f"{OVF}name") for network in envelope.iter(f"{OVF}Network")}
    assert {item.findtext(f"{RASD}Connection") for item in items} - {None} == networks


# In a process of its own: it sets up logging and argument parsing of its own.
READ_BY_COT = """
import json, logging, sys
from COT.vm_description.ovf import OVF
logging.disable(logging.CRITICAL)
with OVF(sys.argv[1], None) as ovf:
    items = ovf.hardware.item_dict.values()
    print(json.dumps({
        "version": ovf.ovf_version,
        "networks": list(ovf.networks),
        "kinds": sorted(item.hardware_type for item in items),
        "summary": ovf.info_string(),
    }))
"""


def read_by_cot(ova: Path) -> dict[str, object]:
    read: dict[str, object] = json.loads(run(sys.executable, "-c", READ_BY_COT, ova))
    return read


def test_another_reader_of_ovf_finds_the_machine_in_it(image: Path, tmp_path: Path) -> None:
    out = tmp_path / "everprint.ova"
    export_image(image, "ova", out)
    read = read_by_cot(out)
    assert read["version"] == 1.0
    assert read["networks"] == ["Printing"]
    assert read["kinds"] == ["cdrom", "cpu", "ethernet", "harddisk", "harddisk", "memory", "sata", "scsi"]
    lines = [" ".join(line.split()) for line in str(read["summary"]).splitlines()]
    (system,) = (line for line in lines if line.startswith("everprint-system.vmdk"))
    assert system.endswith("8 MiB harddisk @ SCSI 0:0")
    assert "(disk placeholder) -- 20 GiB harddisk @ SCSI 0:1" in lines
    assert "None (default) 2 2 GiB 1 0 2 / 20.01 GiB" in lines, "processors, memory, cards, ports, disks"
    assert "Network card : Printing" in lines
    # It would see a disk that belongs to no drive.
    run("tar", "-xf", out, cwd=tmp_path)
    description = tmp_path / "everprint.ovf"
    description.write_text(description.read_text().replace("ovf:/disk/data", "ovf:/disk/nowhere"))
    (tmp_path / "everprint.mf").unlink()
    assert "20 GiB harddisk @ SCSI 0:1" not in " ".join(str(read_by_cot(description)["summary"]).split())


def test_the_same_image_is_the_same_ova(image: Path, tmp_path: Path) -> None:
    for name in ("a.ova", "b.ova"):
        export_image(image, "ova", tmp_path / name)
    run("tar", "-xf", "a.ova", "everprint.ovf", cwd=tmp_path)
    first = (tmp_path / "everprint.ovf").read_bytes()
    run("tar", "-xf", "b.ova", "everprint.ovf", cwd=tmp_path)
    assert (tmp_path / "everprint.ovf").read_bytes() == first


def test_an_export_that_fails_leaves_what_was_there(image: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.vhdx"
    out.write_bytes(b"older")
    (image / "everprint.raw").unlink()
    with pytest.raises(ImageError):
        export_image(image, "vhdx", out)
    assert out.read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["image", "out.vhdx"]


def test_a_folder_without_an_image_is_told_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="cluster image build"):
        read_image(tmp_path)


def test_two_builds_say_what_differs() -> None:
    one = Image(Path(), "r1", {"everprint.raw": "a" * 64}, ("dash 0.5.12-2", "sed 4.9-1"))
    other = Image(Path(), "r2", {"everprint.raw": "b" * 64}, ("dash 0.5.12-3",))
    assert differences(one, one) == []
    assert differences(one, other) == [
        "package dash: 0.5.12-2 and 0.5.12-3",
        "package sed: 4.9-1 and none",
        f"everprint.raw: {'a' * 16} and {'b' * 16}",
    ]
