"""A field for an amount of money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from everprint.server.accounts.money import NotExact, plain, to_units


class MoneyField(forms.DecimalField):
    """At most four digits after the point. A comma before one, two or four digits is taken for the point; what could
    as well set thousands apart (1,234) is refused, not guessed."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Django's own
        options.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "number"})
        )
        super().__init__(max_digits=13, decimal_places=4, **options)

    def prepare_value(self, value: object) -> object:
        """What the field shows."""
        return plain(value) if isinstance(value, Decimal) else value

    def to_python(self, value: object) -> Decimal | None:  # type: ignore[override] # as DecimalField itself does
        if isinstance(value, str):
            value = value.strip().replace("\N{MINUS SIGN}", "-")
            if "," in value:
                value = _with_point(value)
        amount: Decimal | None = super().to_python(value)
        if amount is not None:
            try:
                to_units(amount)
            except NotExact as error:
                raise ValidationError(str(error)) from error
        return amount


def _with_point(text: str) -> str:
    whole, _comma, fraction = text.partition(",")
    if "." in text or "," in fraction or len(fraction) == 3:
        raise ValidationError(_("Write the amount with a point and without commas, like 1234.50."))
    return f"{whole}.{fraction}"
