"""Points at the other site: whole or not there, whatever happens on the way and to whoever puts them away."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cluster.replication.made_points import VM, MadePoints, digest, qemu_img


@pytest.fixture
def made(tmp_path: Path) -> MadePoints:
    return MadePoints(tmp_path)


def test_a_point_arrives_with_what_it_needs_and_the_next_goes_on_from_it(made: MadePoints) -> None:
    first, second = made.make(1, None), made.make(2, 1)
    said = made.receive(first, made.stream(first, image=True))
    images = said["images"]
    assert isinstance(images, dict)
    assert Path(images[digest(made.image)]).read_bytes() == b"a kernel"
    made.receive(second, made.stream(second))
    assert made.names() == [first, second]
    assert made.blocks(second, range(1, 4)) == [1, 2, 0]
    assert made.blocks(first, range(1, 4)) == [1, 0, 0]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_cut_at_any_octet_the_last_point_stays_and_the_transfer_is_gone_on_with(
    made: MadePoints, share: float
) -> None:
    first, second = made.make(1, None), made.make(2, 1)
    made.receive(first, made.stream(first))
    stream = made.stream(second)
    said = made.receive(second, stream[: int(len(stream) * share)])
    assert said["failed"] == "broken"
    assert made.names() == [first]
    assert made.blocks(first, range(1, 3)) == [1, 0]
    coming = made.look()["incoming"]
    assert isinstance(coming, dict)
    there = coming.get(second, {}).get("vda.qcow2", 0)
    made.receive(second, made.stream(second, start=there))
    assert made.names() == [first, second]
    assert made.blocks(second, range(1, 3)) == [1, 2]
    assert made.look()["incoming"] == {}


def test_what_is_already_there_is_not_sent_again(made: MadePoints) -> None:
    first = made.make(1, None)
    octets = (made.source / first / "vda.qcow2").stat().st_size
    assert len(made.stream(first, start=octets)) < len(made.stream(first))


def test_an_octet_that_changed_on_the_way_is_found_and_nothing_of_it_is_kept(made: MadePoints) -> None:
    first, second = made.make(1, None), made.make(2, 1)
    made.receive(first, made.stream(first))
    disk = made.source / second / "vda.qcow2"
    half = disk.stat().st_size // 2
    stream = made.stream(second, start=half)
    # The first half came in an earlier run, and one octet of it is not as it was.
    incoming = made.target / "vms" / VM / "incoming" / second
    incoming.mkdir()
    octets = bytearray(disk.read_bytes()[:half])
    octets[100] ^= 1
    (incoming / "vda.qcow2").write_bytes(octets)
    said = made.receive(second, stream)
    assert said["failed"] == "digest"
    assert "vda.qcow2 is not what was sent" in str(said["said"])
    assert (made.names(), made.look()["incoming"]) == ([first], {})
    made.receive(second, made.stream(second))
    assert made.names() == [first, second]


def test_a_manifest_with_another_digest_is_refused(made: MadePoints) -> None:
    first = made.make(1, None)
    manifest = made.source / first / "manifest.json"
    manifest.write_text(manifest.read_text().replace(digest(made.source / first / "vda.qcow2"), "0" * 64))
    said = made.receive(first, made.stream(first))
    assert (said["failed"], made.names()) == ("digest", [])


def test_a_point_that_goes_on_from_another_than_the_newest_is_refused(made: MadePoints) -> None:
    first, third = made.make(1, None), made.make(3, 2)
    made.receive(first, made.stream(first))
    said = made.receive(third, made.stream(third))
    assert said["failed"] == "digest"
    assert "it goes on from server-replica-20261127T020002Z, and the newest here is" in str(said["said"])
    assert made.names() == [first]


def test_the_oldest_go_and_those_that_are_kept_have_what_was_in_them(made: MadePoints) -> None:
    names = [made.make(number, number - 1 or None) for number in range(1, 6)]
    for name in names:
        made.receive(name, made.stream(name), keep=2)
    assert made.names() == names[3:]
    assert made.blocks(names[4], range(1, 6)) == [1, 2, 3, 4, 5]
    assert made.blocks(names[3], range(1, 6)) == [1, 2, 3, 4, 0]
    assert sorted(path.name for path in (made.target / "vms" / VM / "points").iterdir()) == names[3:]


@pytest.mark.parametrize("is_moved", [False, True], ids=["before the rename", "after it"])
def test_one_that_was_killed_while_it_put_two_points_together_is_finished(made: MadePoints, is_moved: bool) -> None:
    names = [made.make(number, number - 1 or None) for number in (1, 2, 3)]
    for name in names[:2]:
        made.receive(name, made.stream(name))
    points = made.target / "vms" / VM / "points"
    oldest, after = points / names[0], points / names[1]
    (oldest / "manifest.json").rename(oldest / "merging.json")
    qemu_img("commit", "-q", "-d", "-f", "qcow2", str(after / "vda.qcow2"))
    if is_moved:
        (oldest / "vda.qcow2").replace(after / "vda.qcow2")
    made.receive(names[2], made.stream(names[2]))
    assert made.names() == names[1:]
    assert made.blocks(names[2], range(1, 4)) == [1, 2, 3]
    assert made.blocks(names[1], range(1, 4)) == [1, 2, 0]
    assert not oldest.exists()


def test_where_the_vm_was_started_nothing_more_comes_in(made: MadePoints) -> None:
    first, second = made.make(1, None), made.make(2, 1)
    made.receive(first, made.stream(first))
    (made.target / "vms" / VM / "serving").write_text("since noon")
    assert made.receive(second, made.stream(second))["failed"] == "serving"
    assert made.names() == [first]


def test_what_no_sender_sends_is_refused(made: MadePoints) -> None:
    name = made.make(1, None)
    for stream in (
        b"no line",
        b"[]\n",
        b'{"file": "../../escaped", "octets": 1, "sha256": "", "from": 0}\n' + bytes(5),
        b'{"file": "vda.qcow2", "octets": 1, "sha256": "", "from": 0}\n' + b"\xff\xff\xff\xff\x00",
        b'{"file": "vda.qcow2", "octets": 1, "sha256": "", "from": 0}\n' + b"\x00\x00\x00\x02\x00ab",
        b'{"file": "vda.qcow2", "octets": 1, "sha256": "", "from": 0}\n' + b"\x00\x00\x00\x02\x01ab",
    ):
        assert made.receive(name, stream)["failed"] == "broken"
    assert made.names() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
def test_a_full_target_keeps_its_points_and_goes_on_when_there_is_room(made: MadePoints) -> None:
    first, second = made.make(1, None), made.make(2, 1)
    made.target.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=800k", "small", made.target], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.decode()}")
    try:
        made.receive(first, made.stream(first))
        filler = made.target / "filler"
        left = shutil.disk_usage(made.target).free
        filler.write_bytes(bytes(left - 100_000))
        said = made.receive(second, made.stream(second))
        assert said["failed"] == "full"
        assert made.names() == [first]
        filler.unlink()
        made.receive(second, made.stream(second))
        assert made.names() == [first, second]
    finally:
        subprocess.run(["umount", made.target], check=True)


def test_a_transfer_takes_no_more_than_its_share(made: MadePoints, monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.cluster.replication.at_host import send

    clock = [0.0]
    monkeypatch.setattr(send.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(send.time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    pace = send._Pace(1000)
    for _ in range(10):
        pace.wait(500)
    assert clock[0] == pytest.approx(5.0)
