"""Converting where it can do no harm: each document in a process of its own, whose octets are handed on as they come.

Whoever takes the pieces sets the pace: while a printer takes nothing, the process waits, and holds no more than a
band of one page. While we wait for it, its time is limited.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from everprint.documents.conversion.frames import PREFIX_OCTETS, Kind, Task, encode_task, read_prefix
from everprint.documents.conversion.task import Conversion, ConversionFailed, ConverterBroke, NoConverter
from everprint.documents.pool import worker_environment
from everprint.documents.worker_folder import WorkerFolder

WORKER = (sys.executable, "-P", "-m", "everprint.documents.conversion.worker")
_START_S = 60.0
_PIPE_OCTETS = 1 << 18  # of pieces that are read ahead


class Converter:
    """Starts a process for each document."""

    def __init__(self, silence_s: float, memory_octets: int, *, command: Sequence[str] = WORKER) -> None:
        """A process that says nothing for `silence_s` although it is listened to is killed."""
        self._silence_s = silence_s
        self._command = (*command, str(os.getpid()), str(memory_octets))

    @asynccontextmanager
    async def converting(self, path: Path, conversion: Conversion) -> AsyncIterator[Converted]:
        """The document on its way; its process ends with the block.

        Raises NoConverter if no process can be started, ConverterBroke and ConversionFailed if it fails before its
        first piece.
        """
        try:
            folder = WorkerFolder.make()
        except OSError as error:
            raise NoConverter(f"no converter can be started: {error.strerror}") from None
        try:
            converted = Converted(await self._start(folder), self._silence_s)
            try:
                await converted.begin(Task(str(path), conversion))
                yield converted
            finally:
                await converted.end()
        finally:
            folder.remove()

    async def _start(self, folder: WorkerFolder) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=worker_environment(folder.path),
                start_new_session=True,
                limit=_PIPE_OCTETS,
            )
        except OSError as error:
            raise NoConverter(f"no converter can be started: {error.strerror}") from None


class Converted:
    """The octets of one converted document."""

    def __init__(self, process: asyncio.subprocess.Process, silence_s: float) -> None:
        assert process.stdin
        assert process.stdout
        self._process = process
        self._reading = asyncio.Lock()  # whoever sends the document may still be at it when it is to end
        self._input, self._output = process.stdin, process.stdout
        self._silence_s = silence_s
        self._first = b""
        self._is_over = False

    async def begin(self, task: Task) -> None:
        """Until its first piece is there. Raises ConversionFailed."""
        with suppress(ConnectionError):  # how it ended is read from the other pipe
            self._input.write(encode_task(task))
            await self._input.drain()
            self._input.close()
        self._first = await self._next(_START_S + self._silence_s)

    async def pieces(self) -> AsyncIterator[bytes]:
        """All of it, once. Raises ConversionFailed: then what came is not all of it."""
        piece = self._first
        self._first = b""
        while not self._is_over:
            yield piece
            piece = await self._next(self._silence_s)

    async def _next(self, within_s: float) -> bytes:
        try:
            async with self._reading, asyncio.timeout(within_s):
                kind, octets = read_prefix(await self._output.readexactly(PREFIX_OCTETS))
                piece = await self._output.readexactly(octets)
        except TimeoutError:
            raise ConverterBroke(f"a page of it took longer than {within_s:g} s to convert") from None
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            raise ConverterBroke("its converter ended in the middle of its work") from None
        if kind is Kind.NO_ROOM:
            raise NoConverter(piece.decode("utf-8", "replace"))
        if kind is Kind.FAILED:
            raise ConversionFailed(piece.decode("utf-8", "replace"))
        self._is_over = kind is Kind.END
        return piece

    async def end(self) -> None:
        """Ends its process. What nobody took of the document is read: until then, wait() does not return."""
        with suppress(ProcessLookupError):
            self._process.kill()
        async with self._reading:
            with suppress(ConnectionError):
                while await self._output.read(_PIPE_OCTETS):
                    pass
        await self._process.wait()
