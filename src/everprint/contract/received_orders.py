"""Orders as a provider receives them: one that only a newer provider knows is told apart, and stops no other.

A newer server may order what an old provider never heard of (version). The old one says so in its log and goes on
with the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from everprint.contract.messages import Order


class _Envelope(msgspec.Struct, frozen=True):
    sequence: int
    do: msgspec.Raw


class ReceivedOrders(msgspec.Struct, frozen=True):
    """The body of an answer to GET /contract/orders, each order still unread."""

    orders: list[_Envelope]


@dataclass(frozen=True, slots=True)
class UnknownOrder:
    """An order that this version does not understand."""

    sequence: int
    why: str


_order = msgspec.json.Decoder(Order)


def read_orders(received: ReceivedOrders) -> list[Order | UnknownOrder]:
    """Every order, in the sequence it came."""
    return [_read(envelope) for envelope in received.orders]


def _read(envelope: _Envelope) -> Order | UnknownOrder:
    try:
        return _order.decode(msgspec.json.encode(envelope))
    except msgspec.ValidationError as error:
        return UnknownOrder(envelope.sequence, str(error))
