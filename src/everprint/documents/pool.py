"""Analysis where it can do no harm: in worker processes that are killed when they take too long or too much.

Whatever becomes of a worker, its document gets an answer: an Analysis of confidence *unknown* that says why. A
worker serves one document at a time and is replaced after a number of them, so that no leak grows old.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from everprint.documents import wire, worker_folder
from everprint.documents.counting import Count
from everprint.documents.limits import Limits
from everprint.documents.result import Analysis, Confidence, Language, Unreadable
from everprint.documents.worker_folder import WorkerFolder

log = logging.getLogger(__name__)

WORKER = (sys.executable, "-P", "-m", "everprint.documents.worker")
START_LIMIT_S = 60.0
_PIPE_OCTETS = 1 << 16
_LAST_WORDS_S = 1.0  # between a worker's end of output and its end


class WorkerFailed(Exception):
    """A worker cannot be started, or did not answer as it should; the text says what it did instead."""


@dataclass(frozen=True, slots=True)
class _Job:
    task: wire.Task
    answer: asyncio.Future[wire.Answer]


class AnalyserPool:
    """Async context manager; entering it waits until all workers are warm.

    `time_limit_s` is for one document from start to answer; waiting for a free worker does not count.
    """

    def __init__(
        self,
        workers: int = 2,
        time_limit_s: float = 60.0,
        memory_limit_octets: int = 2 << 30,
        jobs_per_worker: int = 200,
        *,
        idle_s: float | None = None,
        command: Sequence[str] = WORKER,
    ) -> None:
        """A worker without a document for `idle_s` ends and gives its memory back; the next document starts another.
        None keeps them all.
        """
        if workers < 1 or jobs_per_worker < 1 or time_limit_s <= 0:
            raise ValueError("a pool needs a worker, a job for it and time for the job")
        self._workers = workers
        self._time_limit_s = time_limit_s
        self._jobs_per_worker = jobs_per_worker
        self._idle_s = idle_s
        self._command = (*command, str(os.getpid()), str(memory_limit_octets))
        # What is drawn in time is exact; the rest of the time is for all that cannot be interrupted.
        self._limits = Limits(document_s=time_limit_s * 0.6, memory_octets=memory_limit_octets // 2)
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._slots: list[asyncio.Task[None]] = []
        self._alive: set[_Worker] = set()

    @property
    def worker_pids(self) -> list[int]:
        """The processes that are there now."""
        return [worker.pid for worker in self._alive]

    async def analyse(self, path: Path, claimed_format: str = "") -> Analysis:
        """As everprint.documents.analyse.analyse(), in a worker. Cancelled when the pool is closed."""
        answer = await self._submit(wire.Analyse(str(path), claimed_format, self._limits))
        if isinstance(answer, wire.Analysed):
            return answer.analysis
        assert isinstance(answer, wire.Failed)
        return Analysis(Language.UNKNOWN, Confidence.UNKNOWN, reason=answer.reason)

    async def count_pages(self, path: Path) -> Count:
        """As everprint.documents.counting.count_pages(), in a worker."""
        answer = await self._submit(wire.CountPages(str(path), self._limits))
        if isinstance(answer, wire.Counted):
            return answer.count
        assert isinstance(answer, wire.Failed)
        return Count(Language.UNKNOWN, None, answer.reason)

    async def draw_page(self, path: Path, number: int, dpi: int) -> bytes:
        """As everprint.documents.pictures.draw_page(), in a worker: a PNG.

        Raises Unreadable.
        """
        answer = await self._submit(wire.Draw(str(path), number, dpi))
        if isinstance(answer, wire.Drawn):
            return answer.png
        assert isinstance(answer, wire.Failed)
        raise Unreadable(answer.reason)

    async def __aenter__(self) -> Self:
        """Raises WorkerFailed if no worker can be started: better now than with the first document."""
        worker_folder.sweep()
        started = await asyncio.gather(*(self._start() for _ in range(self._workers)), return_exceptions=True)
        failures = [result for result in started if isinstance(result, BaseException)]
        if failures:
            await self._end_all()
            raise failures[0]
        self._slots = [
            asyncio.create_task(self._serve(worker), name=f"analyser {number}")
            for number, worker in enumerate((result for result in started if isinstance(result, _Worker)), 1)
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for slot in self._slots:
            slot.cancel()
        await asyncio.gather(*self._slots, return_exceptions=True)
        while not self._jobs.empty():
            self._jobs.get_nowait().answer.cancel()
        await self._end_all()

    async def _submit(self, task: wire.Task) -> wire.Answer:
        assert self._slots, "the pool is not open"
        job = _Job(task, asyncio.get_running_loop().create_future())
        self._jobs.put_nowait(job)
        return await job.answer

    async def _serve(self, worker: _Worker | None) -> None:
        """One place at the work bench: takes jobs for ever and keeps a worker for them."""
        while True:
            try:
                async with asyncio.timeout(self._idle_s if worker else None):
                    job = await self._jobs.get()
            except TimeoutError:
                await self._dismiss(worker)
                worker = None
                continue
            if job.answer.done():
                continue  # whoever asked has gone
            try:
                worker = worker or await self._start()
                answer = await worker.ask(job.task, self._time_limit_s)
            except WorkerFailed as failed:
                log.warning("document not analysed task=%s reason=%s", type(job.task).__name__, failed)
                answer = wire.Failed(str(failed))
            except BaseException:
                job.answer.cancel()
                raise
            if not job.answer.done():
                job.answer.set_result(answer)
            worker = await self._fit_for_the_next(worker)

    async def _fit_for_the_next(self, worker: _Worker | None) -> _Worker | None:
        """The same worker, or a new one if that is spent; None if none can be had: the next job tries again."""
        if worker and worker.is_sound and worker.answered < self._jobs_per_worker:
            return worker
        await self._dismiss(worker)
        try:
            return await self._start()
        except WorkerFailed as failed:
            log.error("no analyser can be started reason=%s", failed)  # noqa: TRY400 - our own error says all
            return None

    async def _dismiss(self, worker: _Worker | None) -> None:
        if worker:
            await worker.end()
            self._alive.discard(worker)

    async def _start(self) -> _Worker:
        worker = await _Worker.start(self._command)
        self._alive.add(worker)
        return worker

    async def _end_all(self) -> None:
        await asyncio.gather(*(worker.end() for worker in self._alive))
        self._alive.clear()


class _Worker:
    """One worker process. `is_sound` until it fails; then it only can be ended."""

    def __init__(self, process: asyncio.subprocess.Process, folder: WorkerFolder) -> None:
        assert process.stdin
        assert process.stdout
        self._process = process
        self._folder = folder
        self._tasks, self._answers = process.stdin, process.stdout
        self.pid = process.pid
        self.is_sound = True
        self.answered = 0

    @classmethod
    async def start(cls, command: Sequence[str]) -> Self:
        """A warm worker.

        Raises WorkerFailed.
        """
        try:
            folder = WorkerFolder.make()
        except OSError as error:
            raise WorkerFailed(f"no analyser can be started: {error}") from None
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # what a document makes a library say is not for our log
                env=worker_environment(folder.path),
                start_new_session=True,  # a Ctrl-C is for us; the worker ends with us
            )
        except OSError as error:
            folder.remove()
            raise WorkerFailed(f"no analyser can be started: {error}") from None
        worker = cls(process, folder)
        try:
            _expect(await worker._within(START_LIMIT_S, worker._receive()), wire.Ready)
        except BaseException:
            await worker.end()
            raise
        return worker

    async def ask(self, task: wire.Task, time_limit_s: float) -> wire.Answer:
        """The worker's answer.

        Raises WorkerFailed; then the worker has been killed.
        """
        try:
            answer = await self._within(time_limit_s, self._exchange(task))
            _expect(answer, wire.Failed, wire.ANSWERS[type(task)])
        except BaseException:
            self.is_sound = False
            await self.end()
            raise
        self.answered += 1
        return answer

    async def end(self) -> None:
        """Kills it, if it still lives, and waits: no zombie is left, nor what it could not clean up."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        # What it wrote and nobody took is read: until then, wait() does not return.
        with contextlib.suppress(ConnectionError):
            while await self._answers.read(_PIPE_OCTETS):
                pass
        await self._process.wait()
        self._tasks.close()
        self._folder.remove()

    async def _exchange(self, task: wire.Task) -> wire.Answer:
        self._tasks.write(wire.encode(task))
        await self._tasks.drain()
        return await self._receive()

    async def _receive(self) -> wire.Answer:
        prefix = await self._answers.readexactly(wire.LENGTH_OCTETS)
        return wire.decode_answer(await self._answers.readexactly(wire.body_length(prefix)))

    async def _within(self, seconds: float, answer: Coroutine[None, None, wire.Answer]) -> wire.Answer:
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            raise WorkerFailed(f"the analyser took longer than {seconds:g} s and was stopped") from None
        except wire.Garbage as garbage:
            raise WorkerFailed(f"the analyser answered garbage ({garbage}) and was stopped") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise WorkerFailed(await self._how_it_ended()) from None

    async def _how_it_ended(self) -> str:
        try:
            async with asyncio.timeout(_LAST_WORDS_S):
                status = await self._process.wait()
        except TimeoutError:
            return "the analyser fell silent and was stopped"
        if status < 0:
            return f"the analyser was ended by {signal.Signals(-status).name}"
        return f"the analyser ended in the middle of its work (exit status {status})"


def _expect(answer: wire.Answer, *kinds: type[wire.Answer]) -> None:
    if not isinstance(answer, kinds):
        raise WorkerFailed(f"the analyser said {type(answer).__name__}, which nobody asked for, and was stopped")


def worker_environment(folder: Path) -> dict[str, str]:
    """What a worker needs of our environment; secrets that it may hold are not for it."""
    kept = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")
    # numpy brings linear algebra that we do not use; without this it takes memory for a thread a processor.
    own = {"LC_ALL": "C.UTF-8", "TMPDIR": str(folder), "HOME": str(folder), "OPENBLAS_NUM_THREADS": "1"}
    return own | {name: os.environ[name] for name in kept if name in os.environ}
