"""Orders of a newer server: what an older provider does not know stops nothing."""

from __future__ import annotations

import msgspec

from everprint.contract.messages import CancelJob, Order
from everprint.contract.received_orders import ReceivedOrders, UnknownOrder, read_orders


def read(octets: bytes) -> list[Order | UnknownOrder]:
    return read_orders(msgspec.json.decode(octets, type=ReceivedOrders))


def test_an_order_of_a_newer_version_is_told_apart_and_the_next_is_read() -> None:
    octets = (
        b'{"orders":[{"sequence":4,"do":{"type":"polish-drum","strength":11}},'
        b'{"sequence":5,"do":{"type":"cancel-job","job_id":"x","by":"admin","why":"new field"}}]}'
    )
    unknown, known = read(octets)
    assert isinstance(unknown, UnknownOrder)
    assert unknown.sequence == 4
    assert "polish-drum" in unknown.why
    assert known == Order(sequence=5, do=CancelJob(job_id="x", by="admin"))


def test_an_order_without_what_it_needs_is_told_apart_too() -> None:
    (unknown,) = read(b'{"orders":[{"sequence":1,"do":{"type":"cancel-job"}}]}')
    assert isinstance(unknown, UnknownOrder)
    assert "job_id" in unknown.why
