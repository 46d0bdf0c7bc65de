"""CSV that a spreadsheet can only take for values."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.server.pages.csv_export import cell_text, encode


def parsed(rows: list[list[str | int | Decimal | bool | None]]) -> list[list[str]]:
    text = b"".join(encode(["a", "b"], rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])  # noqa: RUF001
def test_a_text_that_looks_like_a_formula_is_made_text(start: str) -> None:
    assert cell_text(start).startswith("'")


def test_a_negative_amount_stays_a_number() -> None:
    assert cell_text(Decimal("-3.20")) == "-3.20"


@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_every_text_comes_back_as_itself_or_with_an_apostrophe(rows: list[list[str]]) -> None:
    for row, back in zip(rows, parsed([list(row) for row in rows]), strict=True):
        for cell, text in zip(row, back, strict=True):
            assert text in (cell.replace("\x00", ""), "'" + cell.replace("\x00", ""))


def test_a_long_listing_comes_in_pieces() -> None:
    pieces = list(encode(["n"], ([number] for number in range(20_000))))
    assert len(pieces) > 3
    assert max(map(len, pieces)) < 20_000
