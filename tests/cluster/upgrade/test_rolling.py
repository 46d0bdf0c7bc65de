"""A rolling upgrade of hosts that are folders, with Pacemaker's own tools on them and its simulator as the engine."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from everprint.cli import cluster_upgrade
from everprint.cli.main import everprint_command
from everprint.cluster.hosts.port import Answer
from everprint.cluster.live.apply import apply
from everprint.cluster.live.changes import plan_changes
from everprint.cluster.live.status import ask_status
from everprint.cluster.prediction.simulator import Event
from everprint.cluster.topology.reader import parse_topology, read_topology
from everprint.cluster.upgrade.errors import CannotUpgrade
from everprint.cluster.upgrade.rolling import roll
from tests.cluster.live.world import HOSTS, TEXT, World

FILES = ("vmlinux", "initrd", "everprint.raw")
VIRSH = """#!/bin/sh
[ "$1 $2" = "--quiet dumpxml" ] || exit 1
cat "$HOST_FOLDER/runs/$3.xml" 2>/dev/null || { echo "failed to get domain '$3'" >&2; exit 1; }
"""


class Ready(BaseHTTPRequestHandler):
    status = 200
    asked: list[str] = []  # noqa: RUF012 (of the test that runs)

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        self.send_response(type(self).status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    Ready.status, Ready.asked = 200, []
    with ThreadingHTTPServer(("127.0.0.1", 0), Ready) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/health/live"
        server.shutdown()


class Engine:
    """The world's hosts, on which the engine does what is due after each command, and VMs start and stop with it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.most_stopped = 0
        self.dies_at = ""
        world._program("bin/virsh", VIRSH)
        self.follow()

    def run(self, host: str, argv: Sequence[str], *, stdin: bytes = b"", timeout_s: float = 30.0) -> Answer:
        if self.dies_at and self.dies_at in argv:
            raise KeyboardInterrupt
        answer = self.world.hosts.run(host, argv, stdin=stdin, timeout_s=timeout_s)
        if "target-role" in argv:
            self.follow()
        return answer

    def follow(self) -> None:
        after = self.world.happens()
        self.most_stopped = max(self.most_stopped, sum(vm not in after.placed for vm in ("print1", "print2")))
        for host in HOSTS:
            runs = self.world.folder / host / "runs"
            runs.mkdir(exist_ok=True)
            for vm in ("print1", "print2"):
                file = runs / f"{vm}.xml"
                if after.placed.get(vm) != host:
                    file.unlink(missing_ok=True)
                elif not file.exists():
                    file.write_text(
                        (self.world.folder / host / f"etc/everprint/cluster/domains/{vm}.xml").read_text()
                    )

    def images(self) -> dict[str, str]:
        """VM to the folder of the image that it runs on."""
        found = {}
        for file in self.world.folder.glob("*/runs/*.xml"):
            kernel = file.read_text().partition("<kernel>")[2].partition("</kernel>")[0]
            found[file.stem] = kernel.removesuffix("/vmlinux")
        return found


class Stage:
    """A cluster on the image *old*, and *new* beside it on each host."""

    def __init__(self, folder: Path, service: str) -> None:
        self.world = World(folder)
        self.folder = "/var/lib/images"
        boot = "[boot]\n" + "".join(
            f'{key} = "{self.folder}/old/{name}"\n'
            for key, name in zip(("kernel", "initrd", "system"), FILES, strict=True)
        )
        health = f'protection = "app-ha"\nhealth = "{service}"\n'
        self.file = folder / "t.toml"
        self.file.write_text(TEXT.replace('protection = "app-ha"\n', health) + boot)
        for host in HOSTS:
            for image in ("old", "new"):
                self.put_image(folder / host / self.folder[1:] / image, image)
        topology = read_topology(self.file)
        apply(topology, self.world.hosts, lambda _: None, form_within_s=30, pause_s=0.05)
        self.engine = Engine(self.world)

    @staticmethod
    def put_image(folder: Path, content: str) -> None:
        folder.mkdir(parents=True)
        for name in FILES:
            (folder / name).write_text(f"{name} of {content}")
        digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
        (folder / "image.json").write_text(json.dumps({"digests": digests}))

    def upgrade(self, *words: str, within: int = 30) -> tuple[int, str]:
        argv = ["cluster", "upgrade", str(self.file), *words, "--within", str(within), "--via", "x"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cluster_upgrade, "hosts_of", lambda *_: self.engine)
            done = CliRunner().invoke(everprint_command, argv)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output


@pytest.fixture
def stage(tmp_path: Path, service: str) -> Stage:
    return Stage(tmp_path, service)


def test_all_vms_come_to_the_new_image_one_at_a_time_and_go_back(stage: Stage) -> None:
    assert set(stage.engine.images().values()) == {"/var/lib/images/old"}
    code, said = stage.upgrade("/var/lib/images/new")
    assert code == 0, said
    assert "All VMs are on /var/lib/images/new; 2 were restarted." in said
    assert set(stage.engine.images().values()) == {"/var/lib/images/new"}
    assert stage.engine.most_stopped == 1
    assert set(Ready.asked) == {"/health/ready"}, "whether it is ready, not whether it lives"
    topology = read_topology(stage.file)
    assert plan_changes(topology, stage.world.hosts) == [], "hosts and file agree, and no trace is left in the engine"
    assert ask_status(topology, stage.world.hosts).has_quorum
    code, said = stage.upgrade("--back")
    assert code == 0, said
    assert set(stage.engine.images().values()) == {"/var/lib/images/old"}
    assert read_topology(stage.file).boot.before == "/var/lib/images/new"


def test_it_stops_at_the_first_that_does_not_come_back_and_then_goes_on_or_back(stage: Stage) -> None:
    Ready.status = 503
    code, said = stage.upgrade("/var/lib/images/new", within=1)
    assert code == 1
    assert "print1 is not ready 1 s after its restart" in said
    assert "answers 503" in said
    assert "print2 were left as they are" in said
    assert stage.engine.images() == {"print1": "/var/lib/images/new", "print2": "/var/lib/images/old"}
    Ready.status = 200
    code, said = stage.upgrade("--back")
    assert code == 0, said
    assert "1 were restarted" in said
    assert set(stage.engine.images().values()) == {"/var/lib/images/old"}


def test_killed_outright_while_a_vm_is_stopped_it_goes_on_when_called_again(stage: Stage) -> None:
    topology = parse_topology(stage.file.read_text().replace("/old/", "/new/"), "t")
    stage.engine.dies_at = "--delete-parameter"
    with pytest.raises(KeyboardInterrupt):
        roll(topology, stage.engine, lambda _: None, ready_within_s=30, pause_s=0.01)
    assert len(stage.engine.images()) == 1, "one is stopped, and marked"
    stage.engine.dies_at = ""
    stage.engine.follow()
    roll(topology, stage.engine, lambda _: None, ready_within_s=30, pause_s=0.01)
    assert set(stage.engine.images().values()) == {"/var/lib/images/new"}
    assert stage.engine.most_stopped == 1
    assert plan_changes(topology, stage.world.hosts) == []


def test_nothing_is_begun_without_the_image_and_all_hosts(stage: Stage) -> None:
    beta = stage.world.folder / "beta/var/lib/images/new"
    before = stage.file.read_text()
    (beta / "initrd").write_text("half")
    code, said = stage.upgrade("/var/lib/images/new")
    assert (code, "initrd in /var/lib/images/new on beta: not as it was built" in said) == (1, True)
    (beta / "image.json").unlink()
    code, said = stage.upgrade("/var/lib/images/new")
    assert (code, "beta has no image in /var/lib/images/new" in said) == (1, True)
    assert stage.file.read_text() == before
    assert stage.upgrade("--back")[0] == 1
    assert stage.upgrade()[0] == 2
    topology = parse_topology(before.replace("/old/", "/new/"), "t")
    stage.world.happens(Event.fails("alpha"))
    with pytest.raises(CannotUpgrade, match="alpha does not take part"):
        roll(topology, stage.engine, lambda _: None, ready_within_s=1)
    assert set(stage.engine.images().values()) == {"/var/lib/images/old"}
