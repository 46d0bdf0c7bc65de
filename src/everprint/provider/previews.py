"""Small pictures of jobs' pages, for their owners to look at on the Application Server's pages.

They are no promise: what cannot be drawn, or sent at once, is dropped. And they delay no job: they are drawn by a
worker of their own, below all others in priority, from a second name (hard link) of the document in the spool, so
that nobody waits for them.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from everprint.contract.limits import LONGEST_PREVIEW_EDGE, MOST_PREVIEW_OCTETS
from everprint.contract.messages import PageRun, Preview
from everprint.contract.servers import Conflict, ContractError
from everprint.documents.pictures import LEAST_DPI
from everprint.documents.pool import WORKER, AnalyserPool
from everprint.documents.result import Unreadable
from everprint.provider.job import Job
from everprint.provider.spool import Spool

log = logging.getLogger(__name__)

DPI = 24
_MOST_WAITING = 50
# By the clock, of which a worker below all others may get little: a busy machine's pages are no less readable.
_PAGE_LIMIT_S = 60.0
_OCTETS_A_MESSAGE = 2 << 20
# The server may hear of the job a moment later than of its pictures.
_PATIENCE_S = (0.5, 2.0, 5.0)
_MM_PER_INCH = 25.4


class TakesPreviews(Protocol):
    """The Application Server (contract.client.ServerClient)."""

    async def previews(self, job_id: str, pictures: Sequence[Preview]) -> int:
        """Raises ContractError."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A job whose pages are to be drawn."""

    job_id: int
    uuid: str
    document: Path
    pages: list[tuple[int, int]]  # number and dpi


class Previews:
    """Offer it every analysed job; run() draws and sends."""

    def __init__(
        self,
        folder: Path,
        spool: Spool,
        server: TakesPreviews,
        *,
        first_pages: int,
        memory_octets: int,
        wanted: Callable[[], bool],
    ) -> None:
        """`folder` is on the spool's disk and for nothing else; `wanted` says whether the server takes pictures."""
        self._folder = folder
        self._spool = spool
        self._server = server
        self._first_pages = first_pages
        self._memory_octets = memory_octets
        self._wanted = wanted
        self._waiting: asyncio.Queue[_Wanted] = asyncio.Queue(_MOST_WAITING)
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        for leftover in folder.iterdir():
            leftover.unlink()

    def offer(self, job: Job) -> None:
        """Notes a job whose document was just analysed and is still in the spool. Never waits, never fails."""
        if not self._first_pages or job.findings is None or self._waiting.full() or not self._wanted():
            return
        pages = list(_pages_to_draw(job.findings.page_runs, self._first_pages))
        if not pages:
            return
        document = self._folder / job.uuid
        try:
            os.link(self._spool.path(job.uuid), document)
        except OSError as error:
            log.debug("no pictures job_id=%d uuid=%s reason=%s", job.job_id, job.uuid, error)
            return
        self._waiting.put_nowait(_Wanted(job.job_id, job.uuid, document, pages))

    async def run(self) -> None:
        """Draws and sends until it is cancelled; its worker is started for the first job."""
        wanted = await self._waiting.get()
        pool = AnalyserPool(
            workers=1,
            time_limit_s=_PAGE_LIMIT_S,
            memory_limit_octets=self._memory_octets,
            command=("nice", "-n", "19", *WORKER),
        )
        try:
            async with pool:
                while True:
                    await self._picture(pool, wanted)
                    wanted = await self._waiting.get()
        finally:
            wanted.document.unlink(missing_ok=True)

    async def _picture(self, pool: AnalyserPool, wanted: _Wanted) -> None:
        try:
            pictures = [picture async for picture in _draw(pool, wanted)]
        finally:
            wanted.document.unlink(missing_ok=True)
        with suppress(ContractError):
            for message in _in_messages(pictures):
                await self._send(wanted, message)

    async def _send(self, wanted: _Wanted, pictures: Sequence[Preview]) -> None:
        for patience_s in (*_PATIENCE_S, None):
            try:
                await self._server.previews(wanted.uuid, pictures)
            except Conflict:
                if patience_s is None:
                    raise
                await asyncio.sleep(patience_s)
            except ContractError as error:
                log.info("pictures are dropped job_id=%d uuid=%s reason=%s", wanted.job_id, wanted.uuid, error)
                raise
            else:
                return


async def _draw(pool: AnalyserPool, wanted: _Wanted) -> AsyncIterator[Preview]:
    for page, dpi in wanted.pages:
        try:
            png = await pool.draw_page(wanted.document, page, dpi)
        except Unreadable as cannot:
            # What could not be drawn once costs as much the next time.
            log.debug("page not drawn job_id=%d uuid=%s page=%d reason=%s", wanted.job_id, wanted.uuid, page, cannot)
            return
        if len(png) <= MOST_PREVIEW_OCTETS:
            yield Preview(page=page, png=png)


def _pages_to_draw(runs: Sequence[PageRun], most: int) -> Iterator[tuple[int, int]]:
    """The first pages, each with the dpi at which it is small enough; paper as large as a wall is left out."""
    for run in runs:
        longest_mm = max(run.width_mm, run.height_mm, 1.0)
        # A page's last pixel may be a part of one.
        dpi = min(DPI, int((LONGEST_PREVIEW_EDGE - 2) / longest_mm * _MM_PER_INCH))
        for page in range(run.first, min(run.last, most) + 1):
            if dpi >= LEAST_DPI:
                yield page, dpi
        if run.last >= most:
            return


def _in_messages(pictures: Sequence[Preview]) -> Iterator[list[Preview]]:
    """Together as many as a message should hold."""
    message: list[Preview] = []
    octets = 0
    for picture in pictures:
        if message and octets + len(picture.png) > _OCTETS_A_MESSAGE:
            yield message
            message, octets = [], 0
        message.append(picture)
        octets += len(picture.png)
    if message:
        yield message
