"""Somebody who asks all the time: `python -m bench.on_cluster.asking ADDRESS PORT PATH EVERY PATIENCE MOST`.

Every so many seconds a question of its own begins, whether or not those before were answered: one that is lost is
sent again by the kernel only after a second, and would hide that the next one is answered at once. Not more than MOST
wait at a time, each for at most PATIENCE seconds. PATH is asked by HTTP, and 200 is a good answer; if it is empty, a
connection that is accepted is one. The moment of each good answer is a line on standard output. It ends when its
standard input does.
It is a program of its own because people are elsewhere than who measures: in another network namespace.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress

_CONNECT_S = 1.0


async def ask_all_the_time(address: str, port: int, path: str, every_s: float, patience_s: float, most: int) -> None:
    """Asks until nobody listens any more."""
    over = asyncio.create_task(asyncio.to_thread(sys.stdin.buffer.read))
    waiting: set[asyncio.Task[None]] = set()
    due = time.monotonic()
    while not over.done():
        if len(waiting) < most:
            question = asyncio.create_task(_ask(address, port, path, patience_s))
            waiting.add(question)
            question.add_done_callback(waiting.discard)
        due = max(due + every_s, time.monotonic())
        await asyncio.wait([over], timeout=due - time.monotonic())
    for question in waiting:
        question.cancel()


async def _ask(address: str, port: int, path: str, patience_s: float) -> None:
    try:
        async with asyncio.timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(address, port)
    except OSError:  # a TimeoutError is one
        return
    is_good = True
    with suppress(OSError):
        async with asyncio.timeout(patience_s):
            is_good = not path or await _is_good(reader, writer, address, path)
        if is_good:
            sys.stdout.write(f"{time.time():.4f}\n")
            sys.stdout.flush()
    writer.close()


async def _is_good(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, path: str) -> bool:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode("ascii"))
    words = (await reader.readline()).split(b" ")
    return len(words) > 1 and words[1] == b"200"


if __name__ == "__main__":
    asyncio.run(
        ask_all_the_time(
            sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6])
        )
    )
