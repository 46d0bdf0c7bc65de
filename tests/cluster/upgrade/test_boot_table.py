"""Another image in a topology file: four values change, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from everprint.cluster.topology.reader import parse_topology
from everprint.cluster.upgrade.boot_table import image_of, with_image, write_topology
from everprint.cluster.upgrade.errors import CannotUpgrade
from tests.cluster.live.world import TEXT

BOOT = """
# What VMs boot.
[boot]   # of the image
kernel = "/srv/images/old/vmlinux"  # the kernel
initrd='/srv/images/old/initrd'
arguments = "console=ttyS0 quiet"
system = "/srv/images/old/everprint.raw"
"""


def test_the_image_changes_and_no_other_line_does() -> None:
    text = TEXT + BOOT
    assert image_of(parse_topology(text, "t").boot) == "/srv/images/old"
    changed = with_image(text, "/srv/images/new", "/srv/images/old")
    boot = parse_topology(changed, "t").boot
    assert (image_of(boot), boot.before, boot.arguments) == (
        "/srv/images/new",
        "/srv/images/old",
        "console=ttyS0 quiet",
    )
    assert (
        changed.replace("images/new", "images/old")
        .replace('before = "/srv/images/old"\n', "")
        .replace('"/srv/images/old/initrd"', "'/srv/images/old/initrd'")
        == text
    )
    back = with_image(changed, "/srv/images/old", "/srv/images/new")
    assert parse_topology(back, "t").boot.before == "/srv/images/new"
    assert back.count("before") == 1


@pytest.mark.parametrize(
    "boot",
    [
        "",
        '[boot]\nkernel = "/a/vmlinux"\n',
        '[boot]\nkernel = "/a/vmlinux"\ninitrd = "/b/initrd"\nsystem = "/a/everprint.raw"\n',
        '[boot]\nkernel = "/a/bzImage"\ninitrd = "/a/initrd"\nsystem = "/a/everprint.raw"\n',
    ],
)
def test_what_is_no_image_of_one_folder_is_said(boot: str) -> None:
    with pytest.raises(CannotUpgrade, match="does not name an image"):
        image_of(parse_topology(TEXT + boot, "t").boot)


@pytest.mark.parametrize(
    "boot",
    [
        'boot = { kernel = "/a/vmlinux", initrd = "/a/initrd", system = "/a/everprint.raw" }\n',
        'boot.kernel = "/a/vmlinux"\nboot.initrd = "/a/initrd"\nboot.system = "/a/everprint.raw"\n',
        '[boot]\nkernel = """/a/vmlinux"""\ninitrd = "/a/initrd"\nsystem = "/a/everprint.raw"\n',
    ],
)
def test_a_table_in_another_form_is_left_to_a_person(boot: str) -> None:
    text = TEXT + boot if boot.startswith("[") else boot + TEXT
    assert image_of(parse_topology(text, "t").boot) == "/a"
    with pytest.raises(CannotUpgrade):
        with_image(text, "/b", "/a")


def test_a_file_is_replaced_whole_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text("old")
    path.chmod(0o640)
    write_topology(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)
    assert list(tmp_path.iterdir()) == [path]
