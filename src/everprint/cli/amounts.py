"""Amounts of money on the command line: exact decimals."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click


class Amount(click.ParamType[Decimal]):
    """A decimal number, such as 0.05 or -2.50; never a float."""

    name = "amount"

    def convert(self, value: str | Decimal, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        if isinstance(value, Decimal):
            return value
        try:
            amount = Decimal(value)
        except InvalidOperation:
            self.fail(f"{value!r} is not an amount; expected one such as 0.05", param, ctx)
        if not amount.is_finite():
            self.fail(f"{value!r} is not an amount; expected one such as 0.05", param, ctx)
        return amount


AMOUNT = Amount()
