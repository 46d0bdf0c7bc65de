"""What a printer says in PJL, in whatever pieces and however wrong."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.provider.delivery.pjl_status import (
    MOST_MESSAGE_OCTETS,
    DeviceSays,
    JobEnded,
    PjlStatus,
    printer_state,
)

END = b'@PJL USTATUS JOB\r\nEND\r\nNAME="everprint-1"\r\nPAGES=12\r\n\f'
CANCELED = b'@PJL USTATUS JOB\r\nCANCELED\r\nNAME="everprint-1"\r\nPAGES=3\r\n\f'
DEVICE = b'@PJL USTATUS DEVICE\r\nCODE=40021\r\nDISPLAY="CLOSE DOOR"\r\nONLINE=FALSE\r\n\f'


@given(st.lists(st.integers(0, len(END + DEVICE + CANCELED)), max_size=6))
def test_messages_are_put_together_from_any_pieces(cuts: list[int]) -> None:
    octets = END + DEVICE + CANCELED
    status = PjlStatus()
    ends = [0, *sorted(cuts), len(octets)]
    heard = [says for one, two in itertools.pairwise(ends) for says in status.feed(octets[one:two])]
    assert heard == [
        JobEnded("everprint-1", 12, cancelled=False),
        DeviceSays(40021, "CLOSE DOOR"),
        JobEnded("everprint-1", 3, cancelled=True),
    ]
    assert status.heard


@given(st.binary(max_size=300))
def test_garbage_is_no_message_and_no_fault(octets: bytes) -> None:
    PjlStatus().feed(octets + b"\f")


def test_a_message_without_an_end_takes_no_more_and_more_memory() -> None:
    status = PjlStatus()
    for _ in range(100):
        status.feed(b"x" * MOST_MESSAGE_OCTETS)
    assert len(status._rest) <= MOST_MESSAGE_OCTETS


@pytest.mark.parametrize(
    ("pages", "read"), [(b"PAGES=7", 7), (b"PAGES=-7", None), (b"PAGES=many", None), (b"PAGES=" + b"9" * 30, None)]
)
def test_a_count_is_a_number(pages: bytes, read: int | None) -> None:
    (says,) = PjlStatus().feed(b'@PJL USTATUS JOB\r\nEND\r\nNAME="a"\r\n' + pages + b"\r\n\f")
    assert says == JobEnded("a", read, cancelled=False)


@pytest.mark.parametrize(
    ("code", "state", "reasons"),
    [
        (10001, 3, ()),
        (10023, 3, ()),
        (30119, 3, ()),
        (40021, 5, ("cover-open-error",)),
        (40022, 5, ("media-jam-error",)),
        (41203, 5, ("media-needed",)),
        (42100, 5, ("media-jam-error",)),
        (43000, 5, ("other-error",)),
    ],
)
def test_codes_are_states(code: int, state: int, reasons: tuple[str, ...]) -> None:
    assert printer_state(DeviceSays(code, "")) == (state, reasons)
