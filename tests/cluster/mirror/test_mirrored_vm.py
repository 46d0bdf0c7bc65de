"""A VM whose disk two hosts mirror, with a guest that says what it has synced: what was said is never lost."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from everprint.cluster.mirror.certificates import make_certificates
from everprint.cluster.ocf.mirror.truth import forced
from rig.tiny_guest import GuestImpossible, TinyGuest, make_data_disk
from rig.waiting import wait_for
from rig.writing_guest import make_writing_guest
from tests.cluster.backup.guest_world import files_of
from tests.cluster.mirror.mirror_world import (
    ADDRESS,
    FAILED,
    HOSTS,
    NOT_INSTALLED,
    NOT_RUNNING,
    RUNNING,
    SIZE_MIB,
    Host,
    MirrorWorld,
    mirror_world,
    same,
)

LONG_S = 120.0


@pytest.fixture(scope="module")
def guest() -> Iterator[TinyGuest]:
    folder = Path(tempfile.mkdtemp(prefix="everprint-writer-"))
    folder.chmod(0o755)
    try:
        made = make_writing_guest(folder)
    except GuestImpossible as error:
        pytest.skip(str(error))
    made.kernel.chmod(0o644)
    made.initrd.chmod(0o644)
    yield made
    shutil.rmtree(folder)


@pytest.fixture
def world(guest: TinyGuest) -> Iterator[MirrorWorld]:
    with mirror_world(guest.kernel, guest.initrd, f"mirrored-{os.getpid()}") as made:
        make_data_disk(made.alpha.disk, {"records": ""})
        made.alpha.disk.chmod(0o666)
        yield made


class Client:
    """Has numbers written, one after the other, and knows which were said to be written."""

    def __init__(self, host: Host) -> None:
        self.acknowledged: list[str] = []
        self.is_waiting = False
        self._connection = host.connect()
        self._lines = self._connection.makefile("r")
        self._ended = threading.Event()

    def wait_until_up(self) -> None:
        while "up" not in self._said():
            pass

    def write(self, word: str) -> None:
        self._connection.sendall(f"{word}\n".encode())
        said = self._said()
        assert said == word, said
        self.acknowledged.append(word)

    def all(self) -> list[str]:
        """Every record that the guest has."""
        self._connection.sendall(b"all\n")
        records = []
        while (line := self._said()) != "end":
            records.append(line)
        return records

    def _said(self) -> str:
        line = self._lines.readline()
        assert line, "the guest has ended"
        return line.strip()

    def go_on_writing(self, prefix: str) -> threading.Thread:
        """In a thread, until the guest is gone or `stop`."""

        def write() -> None:
            number = 0
            with suppress(OSError, AssertionError):
                while not self._ended.is_set():
                    self.write(f"{prefix}{number}")
                    number += 1

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        self._ended.set()

    def close(self) -> None:
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


def started(host: Host) -> Client:
    assert host.vm("start") == RUNNING, host.vm.said
    client = Client(host)
    client.wait_until_up()
    return client


def test_the_host_is_killed_while_it_writes_and_nothing_that_was_said_is_lost(world: MirrorWorld) -> None:
    alpha, beta = world.alpha, world.beta
    assert beta.target("start") == RUNNING, beta.target.said
    client = started(alpha)
    world.in_sync(alpha)
    assert alpha.vm("monitor") == RUNNING, alpha.vm.said
    assert beta.target("monitor") == RUNNING
    writing = client.go_on_writing("a")
    wait_for("some records", lambda: len(client.acknowledged) > 20, within_s=LONG_S)
    alpha.lose_power()
    client.close()
    writing.join(LONG_S)
    said = list(client.acknowledged)
    client = started(beta)
    assert beta.target("monitor") == NOT_RUNNING, "who takes a copy is ended before the VM starts from it"
    assert client.all()[: len(said)] == said
    assert world.current() == ("beta",)
    client.write("from-beta")

    # The host returns: its copy is stale, and is only written over.
    alpha.return_power()
    assert alpha.vm("start") == NOT_INSTALLED
    assert "stale copy: switch beta on" in alpha.vm.said
    assert "alpha lacks what was written since" in alpha.vm.said
    assert alpha.target("start") == RUNNING, alpha.target.said
    world.in_sync(beta)
    client.write("both")

    # The mirror breaks first, and then the host is lost: what is left is refused, with instructions.
    assert alpha.target("stop") == RUNNING
    wait_for("it to go on alone", lambda: world.current() == ("beta",), within_s=LONG_S)
    client.write("only-beta")
    beta.lose_power()
    client.close()
    assert alpha.vm("start") == NOT_INSTALLED
    assert "switch beta on" in alpha.vm.said
    assert "mirror force" in alpha.vm.said
    assert beta.target("start") == FAILED
    assert "the only good copy" in beta.target.said
    word = world.word
    assert word
    world.say(forced("alpha", word, (), "2026-11-27T10:15:00Z"))
    assert alpha.vm("start") == RUNNING, alpha.vm.said
    assert world.current() == ("alpha",)
    alpha.lose_power()
    records = files_of(alpha.disk, world.folder, "records")["records"].split()
    assert records[-2:] == ["from-beta", "both"], "the rest is what it costs"


def test_nothing_is_acknowledged_that_the_cluster_does_not_know_to_be_lost(world: MirrorWorld) -> None:
    """One life: the other host stands still, is away, is not trusted, comes back, and is lost for good."""
    alpha, beta = world.alpha, world.beta
    client = started(alpha)
    assert beta.target("start") == RUNNING
    world.in_sync(alpha)
    client.write("both")

    # It stands still, and nobody may decide: the write waits, and goes on when the other host does.
    world.have_majority(so=False)
    os.kill(beta.server(), signal.SIGSTOP)
    held = in_a_thread(client, "held")
    wait_for("the loss to be seen", lambda: alpha.phase == "declaring", within_s=LONG_S)
    wait_for("it to say why", lambda: "no majority" in str(alpha.status.get("cause")), within_s=LONG_S)
    assert held.is_alive()
    assert world.current() == HOSTS
    os.kill(beta.server(), signal.SIGCONT)
    held.join(LONG_S)
    assert client.acknowledged[-1] == "held"
    wait_for("it to be in sync again", lambda: alpha.phase == "in-sync", within_s=LONG_S)
    world.have_majority(so=True)

    # The keeper dies: the monitor starts another, which takes over what is so.
    os.kill(alpha.keeper(), signal.SIGKILL)
    before = alpha.keeper()
    assert alpha.vm("monitor") == RUNNING
    wait_for("another keeper", lambda: alpha.keeper() != before, within_s=LONG_S)
    world.in_sync(alpha)

    # Its server is gone. The write waits until that is noted, and only then is it said to be written.
    world.have_majority(so=False)
    os.kill(beta.server(), signal.SIGKILL)
    held = in_a_thread(client, "alone")
    wait_for("the loss to be seen", lambda: alpha.phase == "declaring", within_s=LONG_S)
    assert held.is_alive()
    assert world.current() == HOSTS
    world.have_majority(so=True)
    held.join(LONG_S)
    assert client.acknowledged[-1] == "alone"
    assert world.current() == ("alpha",)

    # It comes back with certificates of another cluster, and is not written to.
    beta.write_certificates(make_certificates("other", {"beta": (ADDRESS,)})["beta"])
    assert beta.target("start") == RUNNING, beta.target.said
    wait_for("the keeper's refusal", lambda: "certificate" in str(alpha.status.get("cause")).lower(), within_s=LONG_S)
    assert world.current() == ("alpha",)
    assert beta.target("stop") == RUNNING

    # With the right ones it gets everything, but is lost before the cluster knew that it is in sync.
    beta.write_certificates(world.certificates["beta"])
    assert beta.target("start") == RUNNING
    world.have_majority(so=False)
    wait_for("everything to be copied", lambda: alpha.phase == "in-sync", within_s=LONG_S)
    os.kill(beta.server(), signal.SIGKILL)
    wait_for("the loss to be seen", lambda: alpha.phase == "declaring", within_s=LONG_S)
    world.have_majority(so=True)
    wait_for("it to be alone", lambda: alpha.phase == "alone", within_s=LONG_S)
    assert world.current() == ("alpha",)
    client.write("alone-again")

    # At last it is whole.
    assert beta.target("stop") == RUNNING
    assert beta.target("start") == RUNNING
    world.in_sync(alpha)
    client.write("at-last")
    assert alpha.vm("stop") == RUNNING, alpha.vm.said
    assert beta.target("stop") == RUNNING
    assert same(alpha.disk, beta.disk)
    (alpha.folder / "domain.xml").write_text("<domain/>")
    assert alpha.vm("start") == FAILED
    assert world.current() == HOSTS, "a host on which nothing starts does not keep the VM down"
    assert beta.disk.stat().st_blocks * 512 >= SIZE_MIB << 20, "it cannot run full"


def test_a_copy_that_finds_no_room_is_not_made(world: MirrorWorld) -> None:
    beta = world.beta
    beta.target.environment["OCF_RESKEY_size"] = str(1 << 34)
    assert beta.target("start") == FAILED
    assert "needs 17179869184 MiB" in beta.target.said
    assert not beta.disk.exists()
    assert beta.target("monitor") == NOT_RUNNING


def test_ocf_tester_finds_nothing_to_blame_in_who_takes_a_copy(world: MirrorWorld) -> None:
    tested = world.beta.target.tested_by(world.vm)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "passed all tests" in tested.stdout


def in_a_thread(client: Client, word: str) -> threading.Thread:
    thread = threading.Thread(target=client.write, args=(word,), daemon=True)
    thread.start()
    return thread
