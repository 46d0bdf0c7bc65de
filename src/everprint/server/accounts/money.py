"""Exact money: Decimal in Python, whole ten-thousandths of the currency unit in the database.

An integer column is exact and sums exactly on every database. Ten-thousandths, because a side may cost 0.0025.
An amount that is not a whole number of them is an error, never rounded.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models

UNITS = 10_000
STEP = Decimal(1) / UNITS
# Far above any sum a ledger can reach, far below what a 64-bit column holds.
LARGEST = Decimal(10) ** 13
ZERO = Decimal("0.0000")


class NotExact(ValueError):
    """An amount that is no whole number of ten-thousandths, or out of range."""


def to_units(amount: Decimal) -> int:
    """Ten-thousandths of the currency unit.

    Raises NotExact.
    """
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise NotExact(f"{amount} is not an amount between -{LARGEST} and {LARGEST}")
    units = amount * UNITS
    if units != units.to_integral_value():
        raise NotExact(f"{amount} has more than four digits after the point")
    return int(units)


def from_units(units: int) -> Decimal:
    """The amount, always with four digits after the point."""
    return Decimal(units).scaleb(-4)


def plain(amount: Decimal) -> str:
    """As fields and the API show it: two digits after the point, more only where they are not zero."""
    whole, _, fraction = f"{amount:.4f}".partition(".")
    return f"{whole}.{fraction[:2]}{fraction[2:].rstrip('0')}"


if TYPE_CHECKING:
    _Base = models.BigIntegerField[Decimal | int | str, Decimal]
    _OptionalBase = models.BigIntegerField[Decimal | int | str | None, Decimal | None]
else:
    _Base = _OptionalBase = models.BigIntegerField


class _InUnits:
    """How a column of amounts is written and read."""

    def from_db_value(self, value: int | Decimal | None, *_: object) -> Decimal | None:
        return None if value is None else from_units(int(value))

    def to_python(self, value: object) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except ArithmeticError as error:
            raise ValidationError(f"{value!r} is not an amount of money") from error

    def get_prep_value(self, value: object) -> int | None:
        if value is None or hasattr(value, "resolve_expression"):
            return value  # type: ignore[return-value] # an expression is prepared by its own parts
        amount = self.to_python(value)
        return None if amount is None else to_units(amount)


class MoneyField(_InUnits, _Base):
    """A column of amounts."""


class OptionalMoneyField(_InUnits, _OptionalBase):
    """A column of amounts that may be none."""


def literal(amount: Decimal) -> models.Value:
    """The amount as part of a database expression; a bare Decimal would be taken for a number of units."""
    return models.Value(amount, output_field=MoneyField())
