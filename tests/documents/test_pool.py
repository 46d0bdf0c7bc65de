"""Whatever becomes of a worker, each document gets an answer, the next one is served, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from everprint.documents.pool import AnalyserPool, WorkerFailed
from everprint.documents.result import Confidence, Language, Unreadable
from tests.documents.corpus import IPPTOOL, Leaf, make_pdf

MISBEHAVING = (sys.executable, "-P", str(Path(__file__).parent / "misbehaving_worker.py"))


def endless_postscript(path: Path) -> Path:
    path.write_text("%!PS\n{ } loop\n")
    return path


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        await asyncio.sleep(0.01)


def test_documents_are_analysed_at_the_same_time_and_answered_each_with_its_own(tmp_path: Path) -> None:
    paths = [make_pdf(tmp_path / f"{number}.pdf", [Leaf()] * number) for number in range(1, 30)]

    async def all_of_them() -> list[int]:
        async with AnalyserPool(workers=2) as pool:
            analyses = await asyncio.gather(*map(pool.analyse, paths))
        return [len(analysis.pages) for analysis in analyses]

    assert asyncio.run(all_of_them()) == list(range(1, 30))


def test_an_idle_worker_ends_and_the_next_document_starts_another(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "one.pdf", [Leaf()])

    async def rest_and_work() -> tuple[list[int], int]:
        async with AnalyserPool(workers=1, idle_s=0.2) as pool:
            first = pool.worker_pids
            await until(lambda: not pool.worker_pids, 60)
            return first, len((await pool.analyse(path)).pages)

    first, pages = asyncio.run(rest_and_work())
    assert pages == 1
    assert not is_alive(first[0])


def test_the_claim_reaches_the_worker(tmp_path: Path) -> None:
    async def remarks() -> tuple[str, ...]:
        async with AnalyserPool(workers=1) as pool:
            return (await pool.analyse(make_pdf(tmp_path / "a.pdf", [Leaf()]), "image/urf")).remarks

    assert asyncio.run(remarks()) == ("sent as image/urf, but the content is PDF",)


def test_a_warm_worker_answers_a_one_page_document_in_milliseconds(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf()])

    async def timed() -> list[float]:
        async with AnalyserPool(workers=1) as pool:
            took = []
            for _ in range(40):
                begun = time.monotonic()
                await pool.analyse(path)
                took.append(time.monotonic() - begun)
            return took

    # 2 ms on a machine that has nothing else to do; a cold one takes a third of a second.
    assert statistics.median(asyncio.run(timed())) < 0.1


def test_pages_are_drawn(tmp_path: Path) -> None:
    async def png() -> bytes:
        async with AnalyserPool(workers=1) as pool:
            with pytest.raises(Unreadable, match="no page 5"):
                await pool.draw_page(IPPTOOL / "document-a4.pdf", 5, 50)
            return await pool.draw_page(IPPTOOL / "document-a4.pdf", 4, 50)

    assert asyncio.run(png()).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("exits", "the analyser ended in the middle of its work (exit status 3)"),
        ("is killed", "the analyser was ended by SIGKILL"),
        ("crashes", "the analyser was ended by SIGSEGV"),
        ("stops in the middle of its answer", "the analyser ended in the middle of its work (exit status 0)"),
        ("answers garbage", "the analyser answered garbage"),
        ("answers gigabytes", "the analyser answered garbage (a message of 4294967295 octets)"),
        ("answers without end", "the analyser answered garbage (a message of 4294967295 octets)"),
        ("answers nothing", "the analyser answered garbage (a message of 0 octets)"),
        ("answers another question", "the analyser said Drawn, which nobody asked for"),
        ("never answers", "the analyser took longer than 0.5 s and was stopped"),
        ("closes its pipes and stays", "the analyser fell silent and was stopped"),
    ],
)
def test_a_worker_that_misbehaves_makes_its_document_unknown_and_is_replaced(
    behaviour: str, reason: str, tmp_path: Path
) -> None:
    time_limit_s = 0.5 if behaviour == "never answers" else 30

    async def twice() -> None:
        async with AnalyserPool(1, time_limit_s, command=(*MISBEHAVING, behaviour)) as pool:
            seen: list[int] = []
            for _ in range(2):
                seen.extend(pool.worker_pids)
                analysis = await pool.analyse(tmp_path / "a")
                assert (analysis.language, analysis.confidence) == (Language.UNKNOWN, Confidence.UNKNOWN)
                assert analysis.reason.startswith(reason)
                await until(lambda: set(pool.worker_pids) - set(seen))
            assert len(seen) == 2
            assert not any(map(is_alive, seen))

    asyncio.run(twice())


def test_the_next_worker_begins_anew(tmp_path: Path) -> None:
    async def answers() -> list[str]:
        async with AnalyserPool(1, command=(*MISBEHAVING, "misbehaves every second time")) as pool:
            return [(await pool.analyse(tmp_path / "a")).reason for _ in range(4)]

    good, bad = "said by the misbehaving worker", "the analyser ended in the middle of its work (exit status 3)"
    assert asyncio.run(answers()) == [good, bad, good, bad]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("/nonexistent/worker",), "no analyser can be started"),
        ((*MISBEHAVING, "exits before it is ready"), "exit status 7"),
        ((*MISBEHAVING, "greets with garbage"), "garbage"),
    ],
)
def test_a_pool_without_a_worker_does_not_open(command: tuple[str, ...], reason: str) -> None:
    async def enter() -> None:
        async with AnalyserPool(2, command=command):
            pass

    with pytest.raises(WorkerFailed, match=reason):
        asyncio.run(enter())


def test_documents_are_served_again_when_there_is_room_for_a_worker_s_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = make_pdf(tmp_path / "one.pdf", [Leaf()])

    async def answers() -> list[str]:
        async with AnalyserPool(1, jobs_per_worker=1) as pool:
            monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "full"))
            found = [(await pool.analyse(document)).reason for _ in range(2)]
            monkeypatch.undo()
            return [*found, (await pool.analyse(document)).reason]

    first, without_room, last = asyncio.run(answers())
    assert (first, last) == ("", "")
    assert "no analyser can be started" in without_room


def test_a_worker_killed_in_the_middle_of_a_document_takes_ghostscript_with_it(tmp_path: Path) -> None:
    async def killed() -> None:
        async with AnalyserPool(1) as pool:
            (worker,) = pool.worker_pids
            asked = asyncio.create_task(pool.analyse(endless_postscript(tmp_path / "a.ps")))
            await until(lambda: children_of(worker))
            ghostscript = children_of(worker)
            os.kill(worker, signal.SIGKILL)
            assert (await asked).reason == "the analyser was ended by SIGKILL"
            await until(lambda: not any(map(is_alive, ghostscript)))
            assert len((await pool.analyse(make_pdf(tmp_path / "b.pdf", [Leaf()]))).pages) == 1

    asyncio.run(killed())


def test_endless_postscript_leaves_time_for_an_answer(tmp_path: Path) -> None:
    async def reason() -> str:
        async with AnalyserPool(1, time_limit_s=1) as pool:
            return (await pool.analyse(endless_postscript(tmp_path / "a.ps"))).reason

    assert asyncio.run(reason()) == "it did not end within 0.6 s; 0 pages had come out by then"


def test_a_document_that_eats_memory_does_not_get_it(tmp_path: Path) -> None:
    Image.new("RGB", (8000, 8000), "red").save(tmp_path / "a.jpg", progressive=True, quality=1)

    async def twice() -> None:
        async with AnalyserPool(1, memory_limit_octets=320 << 20) as pool:
            analysis = await pool.analyse(tmp_path / "a.jpg")
            assert analysis.confidence is not Confidence.EXACT
            assert analysis.reason
            assert len((await pool.analyse(make_pdf(tmp_path / "b.pdf", [Leaf()]))).pages) == 1

    asyncio.run(twice())


def test_a_worker_is_replaced_after_its_number_of_documents(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf()])

    async def pids() -> list[int]:
        served = []
        async with AnalyserPool(1, jobs_per_worker=2) as pool:
            for _ in range(6):
                await until(lambda: pool.worker_pids)
                served += pool.worker_pids
                await pool.analyse(path)
        return served

    assert len(set(asyncio.run(pids()))) == 3


def test_whoever_stops_waiting_disturbs_nobody(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [Leaf()] * 3)

    async def cancelled() -> int:
        async with AnalyserPool(1, time_limit_s=5) as pool:
            tasks = [asyncio.create_task(pool.analyse(path)) for _ in range(5)]
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            return len((await pool.analyse(path)).pages)

    assert asyncio.run(cancelled()) == 3


def test_closing_cancels_what_waits_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))

    async def closed() -> tuple[list[int], list[asyncio.Task[object]]]:
        async with AnalyserPool(1) as pool:
            pids = pool.worker_pids
            path = endless_postscript(tmp_path / "a.ps")
            tasks: list[asyncio.Task[object]] = [asyncio.create_task(pool.analyse(path)) for _ in range(3)]
            await until(lambda: children_of(pids[0]))
            pids += children_of(pids[0])
        await asyncio.wait(tasks, timeout=5)
        await until(lambda: not any(map(is_alive, pids)))
        return pids, tasks

    pids, tasks = asyncio.run(closed())
    assert len(pids) == 2
    assert all(task.cancelled() for task in tasks)
    assert list(temporary.iterdir()) == []


OWNER = """
import asyncio, sys
from pathlib import Path
from everprint.documents.pool import AnalyserPool
async def main():
    async with AnalyserPool(2) as pool:
        print(*pool.worker_pids, flush=True)
        await asyncio.gather(*(pool.analyse(Path(sys.argv[1])) for _ in range(2)))
asyncio.run(main())
"""


def test_workers_and_ghostscript_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    path = endless_postscript(tmp_path / "a.ps")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command, environment = [sys.executable, "-c", OWNER, str(path)], os.environ | {"TMPDIR": str(temporary)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as owner:
        assert owner.stdout
        workers = [int(pid) for pid in owner.stdout.readline().split()]
        asyncio.run(until(lambda: all(map(children_of, workers))))
        family = workers + [child for worker in workers for child in children_of(worker)]
        assert len(family) == 4
        owner.kill()
        asyncio.run(until(lambda: not any(map(is_alive, family))))


def test_what_a_killed_owner_left_is_removed_by_the_next_and_what_lives_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "everprint-analyser-left"
    (left / "everprint-gs-x").mkdir(parents=True)
    left.chmod(0o711)
    (tmp_path / "everprint-analyser-link").symlink_to(tmp_path)
    somebody_elses = tmp_path / "other"
    somebody_elses.mkdir(mode=0o711)

    def folders() -> set[str]:
        return {path.name for path in tmp_path.glob("everprint-analyser-*")}

    async def both() -> None:
        async with AnalyserPool(1):
            first = folders()
            assert left.name not in first
            async with AnalyserPool(1):
                assert first < folders()

    asyncio.run(both())
    assert {path.name for path in tmp_path.iterdir()} == {"everprint-analyser-link", "other"}


def test_a_worker_knows_no_secret_and_has_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVERPRINT_PROVIDER_CREDENTIAL", "open-sesame")

    async def look() -> tuple[bytes, str]:
        async with AnalyserPool(1) as pool:
            (pid,) = pool.worker_pids
            process = Path(f"/proc/{pid}")
            return (process / "environ").read_bytes(), (process / "net/dev").read_text()

    environment, devices = asyncio.run(look())
    assert b"open-sesame" not in environment
    may_unshare = subprocess.run(["unshare", "--map-root-user", "--net", "true"], capture_output=True, check=False)
    if may_unshare.returncode == 0:
        assert [line.split(":")[0].strip() for line in devices.splitlines()[2:]] == ["lo"]


@pytest.mark.parametrize("arguments", [(0,), (1, 0), (1, 1, 1, 0)])
def test_a_pool_that_cannot_work_is_refused(arguments: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a pool needs"):
        AnalyserPool(*arguments)
