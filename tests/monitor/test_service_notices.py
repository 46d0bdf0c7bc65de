"""What systemd is told, over a real socket; and what it is told by the real parts."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from everprint.monitor.health import CheckResult, Health, Level, Question
from everprint.monitor.service_notices import ServiceNotices
from rig.everprint import Server
from rig.process import Process
from rig.service_manager import ServiceManager
from rig.waiting import wait_for
from tests.monitor import hanging_loop
from tests.provider.world import PrintServer

HANGING = [sys.executable, Path(hanging_loop.__file__)]
WATCHDOG_S = 0.6


def health(level: Level) -> Health:
    return Health(Question.LIVENESS, (CheckResult("journal", level, "it is over"),))


async def live(notices: ServiceNotices, alive: Callable[[], Health], for_s: float) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(for_s):
            await notices.give_signs_of_life(alive)


def test_children_are_not_told_where_the_manager_is() -> None:
    environment = {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1", "HOME": "/"}
    ServiceNotices.of_process(environment)
    assert environment == {"HOME": "/"}


def test_a_watchdog_for_another_process_is_not_fed(tmp_path: Path) -> None:
    with ServiceManager(tmp_path, watchdog_s=1) as manager:
        asyncio.run(ServiceNotices.of_process(manager.environment | {"WATCHDOG_PID": "1"}).give_signs_of_life(fails))
        assert not manager.told()


def fails() -> Health:
    raise AssertionError("nobody asks for signs of life")


def test_signs_of_life_end_when_liveness_fails_and_come_again_when_it_does_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with ServiceManager(tmp_path, watchdog_s=0.03) as manager:
        notices = ServiceNotices.of_process(manager.environment | {"WATCHDOG_PID": str(os.getpid())})
        level, asked = Level.WARN, 0

        def alive() -> Health:
            nonlocal asked
            manager.told()  # a socket holds ten
            asked += 1
            return health(level)

        asyncio.run(live(notices, alive, 0.2))
        manager.wait_for("WATCHDOG=1")
        assert manager.told().count("WATCHDOG=1") == asked
        manager.forget()
        level = Level.FAIL
        asyncio.run(live(notices, alive, 0.2))
        assert not manager.told()
        assert [record.message for record in caplog.records] == [
            "not alive, systemd will start it anew reason=journal: it is over"
        ], "said once"
        level = Level.OK
        asyncio.run(live(notices, alive, 0.2))
        manager.wait_for("WATCHDOG=1")


def test_a_manager_that_is_gone_stops_no_service(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ServiceNotices(str(tmp_path / "gone")).ready("Serves.")
    assert "systemd cannot be told notice=READY=1" in caplog.text


def test_we_speak_as_systemds_own_program_does(tmp_path: Path) -> None:
    with ServiceManager(tmp_path) as manager:
        ServiceNotices.of_process(dict(manager.environment)).ready("Serves.")
        ours = manager.told()
        manager.forget()
        argv = ["systemd-notify", "--no-block", "--ready", "--status=Serves."]
        try:
            subprocess.run(argv, env={**os.environ, **manager.environment}, check=True)
        except FileNotFoundError:
            pytest.skip("systemd-notify is not on this machine")
        assert [line for line in manager.told() if line in ours] == ours


def lives_and_stops(
    command: list[str], environment: dict[str, str], folder: Path, answers: Callable[[], bool]
) -> None:
    """Started, stopped, and started and hanging: what systemd hears of it."""
    with ServiceManager(folder, WATCHDOG_S) as manager:
        process = Process(
            [*HANGING, *command],
            log=folder / "log",
            ready=lambda: "READY=1" in manager.told(),
            environment=environment | manager.environment,
        )
        with process:
            assert answers(), "it said that it serves"
            manager.wait_for("WATCHDOG=1", times=3)
            assert "STOPPING=1" not in manager.told()
            process.kill(signal.SIGTERM)
            manager.wait_for("STOPPING=1")
            wait_for("its end", lambda: not process.is_running())

            manager.forget()
            process.start()
            manager.wait_for("WATCHDOG=1")
            process.kill(signal.SIGUSR1)
            wait_for("the loop to hang", lambda: hanging_loop.SAYS in process.log_tail(5))
            manager.forget()
            time.sleep(2 * WATCHDOG_S)  # nothing else runs in that process that could give a sign of life
            assert not manager.told()
            process.kill(signal.SIGKILL)


def test_systemd_hears_of_the_print_server(tmp_path: Path) -> None:
    office = PrintServer(tmp_path, "http://127.0.0.1:1")  # it serves without its Application Server
    command = ["provider", "run", "--config", str(office.config)]
    lives_and_stops(command, {}, tmp_path, lambda: office.health("live")[0] == 200)


def test_systemd_hears_of_the_application_server(tmp_path: Path) -> None:
    server = Server(tmp_path)
    lives_and_stops(["server", "run"], server.environment, tmp_path, server.is_alive)
