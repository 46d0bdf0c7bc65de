"""Money as people read it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from everprint.contract.amounts import format_amount


@pytest.mark.parametrize(
    ("amount", "currency", "decimals", "text"),
    [
        ("0", "EUR", 2, "€0.00"),
        ("0.0000", "EUR", 2, "€0.00"),
        ("1234567.5", "EUR", 2, "€1,234,567.50"),
        ("-3.2", "GBP", 2, "−£3.20"),  # noqa: RUF001
        ("0.045", "USD", 2, "$0.045"),
        ("0.1000", "USD", 2, "$0.10"),
        ("1E+3", "EUR", 2, "€1,000.00"),
        ("120", "JPY", 0, "¥120"),
        ("1.5", "KWD", 3, "KWD\N{NO-BREAK SPACE}1.500"),
        ("1.5", "CHF", 2, "CHF\N{NO-BREAK SPACE}1.50"),
    ],
)
def test_money_is_written_with_its_currency(amount: str, currency: str, decimals: int, text: str) -> None:
    assert format_amount(Decimal(amount), currency, decimals) == text
