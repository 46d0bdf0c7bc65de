"""Somebody who prints all the time: `python -m everprint.cluster.drill.printing DOCUMENT PAUSE USER LABEL URI ...`.

One job after the other, PAUSE seconds apart, to the next queue each time; a job that was not accepted is tried again
at the next queue, as people do. A line of JSON for each try on standard output. It ends when its standard input does,
after its last job.
It is a program of its own because people are elsewhere than who watches: in the lab, in another network namespace.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from itertools import count, cycle
from pathlib import Path

from everprint.ipp.client import IppClient, PrinterError, Timeouts
from everprint.ipp.message import Group, Message, charset, mime_media_type, name, natural_language, uri
from everprint.ipp.operations import Operation
from everprint.ipp.status import Status
from everprint.ipp.tags import GroupTag

_AGAIN_S = 0.5
_TIMEOUTS = Timeouts(connect_s=10.0, write_s=30.0, answer_s=30.0)
_FIRST_ERROR = 0x0100  # RFC 8011 section 4.1.6.1: everything below is successful-ok-...


async def print_all_the_time(document: bytes, pause_s: float, user: str, label: str, queues: list[str]) -> None:
    """Prints until nobody listens any more."""
    over = asyncio.create_task(asyncio.to_thread(sys.stdin.buffer.read))
    client = IppClient(timeouts=_TIMEOUTS)
    where = cycle(queues)
    try:
        for number in count(1):
            await asyncio.wait([over], timeout=pause_s)
            for again in count(1):
                if over.done():
                    return
                title = f"{label} {number}" if again == 1 else f"{label} {number}.{again}"
                if await _print(client, title, document, user, next(where)):
                    break
                await asyncio.wait([over], timeout=_AGAIN_S)
    finally:
        await client.close()


async def _print(client: IppClient, title: str, document: bytes, user: str, queue: str) -> bool:
    attributes = (
        charset("attributes-charset", "utf-8"),
        natural_language("attributes-natural-language", "en"),
        uri("printer-uri", queue),
        name("requesting-user-name", user),
        name("job-name", title),
        mime_media_type("document-format", "application/pdf"),
    )
    request = Message(Operation.PRINT_JOB, 1, (Group(GroupTag.OPERATION, attributes),))
    clock = time.monotonic()
    is_accepted = False
    try:
        answer = await client.send(queue, request, _once(document))
    except PrinterError as error:
        said = str(error)
    else:
        is_accepted = answer.code < _FIRST_ERROR
        said = _status(answer.code)
    line = {"title": title, "at": time.time(), "took_s": time.monotonic() - clock, "uri": queue}
    sys.stdout.write(json.dumps(line | {"is_accepted": is_accepted, "said": said}) + "\n")
    sys.stdout.flush()
    return is_accepted


async def _once(document: bytes) -> AsyncIterator[bytes]:
    yield document


def _status(code: int) -> str:
    try:
        return Status(code).name.lower().replace("_", "-")
    except ValueError:
        return f"{code:#06x}"


if __name__ == "__main__":
    asyncio.run(
        print_all_the_time(Path(sys.argv[1]).read_bytes(), float(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5:])
    )
