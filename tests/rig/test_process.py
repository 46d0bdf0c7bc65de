"""A process of a real part is waited for, tells why it failed, and leaves nothing behind."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rig.folder import private_folder
from rig.ports import free_port, is_listening
from rig.process import Process, StartFailed
from rig.process_tree import read_member
from rig.waiting import NeverHappened, wait_for

# Ignores SIGTERM, and has a child that does so too and has left its session.
STUBBORN = "trap '' TERM; setsid sh -c \"trap '' TERM; sleep 60\" & echo ready; while :; do sleep 60; done"


def shell(script: str, log: Path, *, ready_within_s: float = 30, stop_within_s: float = 0.2) -> Process:
    return Process(
        ["sh", "-c", script],
        log=log,
        ready=lambda: log.exists() and "ready" in log.read_text(),
        ready_within_s=ready_within_s,
        stop_within_s=stop_within_s,
    )


def test_a_process_that_ignores_the_request_to_stop_is_ended_with_all_its_descendants(tmp_path: Path) -> None:
    process = shell(STUBBORN, tmp_path / "log")
    with process:
        family = wait_for("three processes below it", lambda: (f := process.descendants()) and len(f) >= 3 and f)
        assert isinstance(family, list)
        assert all(member.is_alive for member in family)
    assert not process.is_running()
    wait_for("the end of the whole family", lambda: not any(member.is_alive for member in family))


def test_a_process_ends_when_the_one_that_started_it_is_killed(tmp_path: Path) -> None:
    starter = (
        "import sys, time; from pathlib import Path; from rig.process import Process\n"
        f"log = Path({str(tmp_path / 'log')!r})\n"
        "with Process(['sleep', '60'], log=log, ready=lambda: True) as process:\n"
        "    print(process.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        started = read_member(int(parent.stdout.readline()))
        assert started is not None
        assert started.is_alive
        # setpriv asks for the parent's death to be told, then sleep takes its place.
        comm = Path(f"/proc/{started.pid}/comm")
        wait_for("the program", lambda: comm.read_text() == "sleep\n")
        parent.kill()
    wait_for("the end of the orphan", lambda: not started.is_alive)


def test_a_process_that_ends_at_once_shows_its_log(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match=r"sh ended(.|\n)*no such luck"):
        shell("echo no such luck; exit 3", tmp_path / "log").start()


def test_a_process_that_never_answers_is_ended_and_shows_its_log(tmp_path: Path) -> None:
    process = shell("echo still thinking; sleep 60", tmp_path / "log", ready_within_s=2)
    with pytest.raises(StartFailed, match=r"did not answer within 2 s(.|\n)*still thinking"):
        process.start()
    assert not process.is_running()


def test_a_killed_process_can_be_started_again(tmp_path: Path) -> None:
    with shell("echo ready; exec sleep 60", tmp_path / "log") as process:
        first = process.pid
        process.kill(signal.SIGKILL)
        assert not process.is_running()
        process.start()
        assert process.is_running()
        assert process.pid != first


def test_a_free_port_is_free_and_is_given_once() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert not any(is_listening(port) for port in ports)


def test_a_port_is_not_given_to_two_processes() -> None:
    """Tests run in several processes at once; 12,000 ports hold no secret from a child that asks for ours."""
    port = free_port()
    ask = f"import socket; from rig.ports import _hold; print(_hold({port}, socket.SOCK_STREAM))"
    answer = subprocess.check_output([sys.executable, "-c", ask], text=True, cwd=Path(__file__).parents[2])
    assert answer.strip() == "False"


def test_a_private_folder_is_open_to_other_users_and_gone_afterwards() -> None:
    with private_folder("test") as folder:
        assert folder.stat().st_mode & 0o777 == 0o755
        (folder / "something").touch()
    assert not folder.exists()


def test_waiting_in_vain_says_for_what() -> None:
    with pytest.raises(NeverHappened, match="the end of time: not within 0 s; last seen: 0"):
        wait_for("the end of time", lambda: 0, within_s=0)
