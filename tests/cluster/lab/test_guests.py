"""What the lab makes for a topology's VMs, without starting any."""

from __future__ import annotations

import json
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from everprint.cluster.lab.errors import LabError
from everprint.cluster.lab.guests import prepare_disks
from everprint.cluster.lab.plan import for_the_lab, plan_lab
from everprint.cluster.topology.model import Accelerator, Protection, Topology
from everprint.cluster.topology.reader import parse_topology
from everprint.contract.enrolment_codes import new_code

TEXT = resources.files("everprint.cluster.lab").joinpath("mode-1-and-2.toml").read_text("utf-8")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Files with an image's names: here nobody starts them."""
    folder = tmp_path / "image"
    folder.mkdir()
    for name in ("everprint.raw", "vmlinux", "initrd"):
        (folder / name).write_text(name)
    return folder


def topology(image: Path, text: str = TEXT) -> Topology:
    return for_the_lab(parse_topology(text, "t.toml"), image)[0]


def test_vms_start_emulated_from_the_images_own_kernel_and_move_by_tcp(image: Path) -> None:
    found = topology(image)
    assert [vm.name for vm in found.vms] == ["server", "print1", "print2"]
    assert (found.boot.kernel, found.boot.system) == ("/srv/images/vmlinux", "/srv/images/everprint.raw")
    assert (found.accelerator, found.migration.uri) == (Accelerator.TCG, "qemu+tcp://%s/system")
    assert plan_lab(found, Path("/"), image).image == str(image)


def test_without_an_image_disks_are_empty_and_no_service_is_asked(image: Path, tmp_path: Path) -> None:
    found, said = for_the_lab(parse_topology(TEXT, "t.toml"))
    assert any("empty disks" in sentence for sentence in said)
    assert {vm.protection for vm in found.vms} == {Protection.HA}
    assert (found.boot.kernel, found.boot.system) == ("", "")
    prepare_disks(found, None, tmp_path, "", {})
    assert {path.name for path in (tmp_path / "images").iterdir()} == {
        f"{vm.name}{end}" for vm in found.vms for end in (".qcow2", "-seed.img")
    }


def test_each_vm_gets_a_disk_and_a_seed_and_a_print_server_the_code_that_the_server_knows(
    image: Path, tmp_path: Path
) -> None:
    found = topology(image)
    prepare_disks(found, image, tmp_path / "storage", "a secret of the lab", {})
    folder = tmp_path / "storage/images"
    assert (folder / "everprint.raw").read_text() == "everprint.raw"
    seeds = {}
    for vm in found.vms:
        size = subprocess.run(
            ["qemu-img", "info", "--output=json", folder / f"{vm.name}.qcow2"], capture_output=True, check=True
        ).stdout
        assert json.loads(size)["virtual-size"] == 4 << 30
        read = subprocess.run(
            ["mtype", "-i", folder / f"{vm.name}-seed.img", "::/user-data"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        seeds[vm.name] = json.loads(read.removeprefix("#cloud-config"))["everprint"]
    assert seeds["server"]["administrator"] == {"name": "admin", "password": "a secret of the lab"}
    enrolments = [seeds[name]["enrol"] for name in ("print1", "print2")]
    assert seeds["server"]["codes"] == [each["code"] for each in enrolments]
    assert len(set(seeds["server"]["codes"])) == 2
    assert {each["server"] for each in enrolments} == {"http://10.98.0.50:9191"}


def test_the_image_of_mirrored_vms_is_at_both_hosts_and_their_disks_at_the_first(image: Path, tmp_path: Path) -> None:
    pair = 'kind = "mirrored"\npath = "/srv/images"\nhosts = ["alpha", "beta"]'
    text = TEXT.replace('kind = "shared-folder"\npath = "/srv/images"', pair)
    found = topology(image, text)
    code = new_code()
    prepare_disks(found, image, tmp_path / "storage", "", {"print1": code})
    homes = [tmp_path / "hosts" / host / "upper/srv/images" for host in ("alpha", "beta")]
    for home in homes:
        assert (home / "everprint.raw").read_text() == "everprint.raw"
    assert [(home / "print1.qcow2").exists() for home in homes] == [True, False]
    first_seed, other_seed = (home / "print1-seed.img" for home in homes)
    assert first_seed.read_bytes() == other_seed.read_bytes(), "it knows who it is wherever it starts"
    assert first_seed.stat().st_mode == other_seed.stat().st_mode, "it holds a code"
    seed = subprocess.run(["mtype", "-i", first_seed, "::/user-data"], capture_output=True, text=True, check=True)
    assert json.loads(seed.stdout.removeprefix("#cloud-config"))["everprint"]["enrol"]["code"] == code
    other = '[[storage]]\nname = "other"\nkind = "mirrored"\npath = "/srv/other"\nhosts = ["alpha", "beta"]\n\n'
    first, of_print1, rest = text.replace("[[storage]]", f"{other}[[storage]]").partition('name = "print1"')
    elsewhere = first + of_print1 + rest.replace('storage = "images"', 'storage = "other"', 1)
    with pytest.raises(LabError, match="print1 cannot reach the image, which is with server's disk"):
        topology(image, elsewhere)


def test_a_folder_without_an_image_is_refused_with_what_to_do(tmp_path: Path, image: Path) -> None:
    (image / "vmlinux").unlink()
    with pytest.raises(LabError, match=r"has no vmlinux: make an image with `everprint cluster image build`"):
        prepare_disks(topology(image), image, tmp_path / "storage", "", {})


def test_vms_that_the_lab_cannot_make_are_refused(image: Path) -> None:
    lvm = TEXT.replace('kind = "shared-folder"\npath = "/srv/images"', 'kind = "lvm"\nsource = "vg0"')
    with pytest.raises(LabError, match="server is on lvm storage; the lab has folders that hosts share"):
        topology(image, lvm)
    database = TEXT.replace('role = "print-server"', 'role = "database"').replace("modes = [1, 2]", "modes = [2]")
    database = database.replace('protection = "app-ha"\nnot_with', 'protection = "ha"\nnot_with')
    database = database.replace('address = "10.98.0.51"\nprotection = "app-ha"', 'address = "10.98.0.51"')
    with pytest.raises(LabError, match="is a database; the lab's Application Servers have their own"):
        topology(image, database)
