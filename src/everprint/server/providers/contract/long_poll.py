"""GET /contract/orders: answered as soon as there is an order, or empty when the patience is over.

The provider may ask for less patience than ours: where something on the way cuts what takes long.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Any
from urllib.parse import parse_qs

import msgspec

from everprint.contract.endpoints import ORDERS_PATIENCE_S
from everprint.contract.messages import Order, Orders
from everprint.server.providers.contract.call import Answer, Call, Gone
from everprint.server.providers.contract.problem import bad_message
from everprint.server.providers.contract.worker import Worker
from everprint.server.providers.credentials import Caller
from everprint.server.providers.orders import acknowledge, orders_after, waiting

# How often to look for orders that another process made.
LOOK_EVERY_S = 1.0


async def wait_for_orders(caller: Caller, call: Call, worker: Worker) -> Answer:
    """The orders after the sequence in the query; `after` also says that all up to it are carried out."""
    after = _after(call)
    patience_s = _patience_s(call)
    await worker.run(lambda: acknowledge(caller, after))
    loop = asyncio.get_running_loop()
    until = loop.time() + patience_s
    gone = asyncio.ensure_future(call.receive())
    woken = waiting.add(caller.id)
    try:
        while True:
            woken.clear()
            orders: list[Order] = await worker.run(lambda: orders_after(caller.id, after))
            if orders or loop.time() >= until or waiting.is_stopping:
                return Answer(msgspec.json.encode(Orders(orders=orders)))
            if gone.done():
                raise Gone
            await _wait(woken, gone, min(LOOK_EVERY_S, until - loop.time()))
    finally:
        waiting.remove(caller.id, woken)
        gone.cancel()


async def _wait(woken: asyncio.Event, gone: asyncio.Future[Any], seconds: float) -> None:
    bell = asyncio.ensure_future(woken.wait())
    try:
        await asyncio.wait({bell, gone}, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
    finally:
        bell.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await bell


def _asked(call: Call, key: str) -> list[str]:
    return parse_qs(call.query.decode("latin-1"), max_num_fields=10).get(key, [])


def _patience_s(call: Call) -> float:
    values = _asked(call, "patience") or [str(ORDERS_PATIENCE_S)]
    if len(values) != 1 or not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", values[0], re.ASCII):
        raise bad_message("patience: expected the seconds that the answer may wait for an order")
    return min(float(values[0]), ORDERS_PATIENCE_S)


def _after(call: Call) -> int:
    values = _asked(call, "after") or ["0"]
    if len(values) != 1 or not values[0].isascii() or not values[0].isdigit() or len(values[0]) > 18:
        raise bad_message("after: expected the sequence of the last order that was carried out, or 0")
    return int(values[0])
