"""What fields hold: texts without control characters, exact money, ids; the same in the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
)

from everprint.server.accounts.money import plain

# No control character: none means anything here, and databases refuse some. A name begins and ends with none and
# with no space.
_TEXT = r"^[^\x00-\x1f\x7f]*$"
_NAME = r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$"
_ANY_AMOUNT = r"^-?[0-9]{1,9}(\.[0-9]{1,4})?$"
_NOT_NEGATIVE = r"^[0-9]{1,9}(\.[0-9]{1,4})?$"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
ShortText = Annotated[str, StringConstraints(max_length=200, pattern=_TEXT)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=_NAME)]
Comment = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=_TEXT)]


class Body(BaseModel):
    """What is sent as a request's body: a field that it does not know is refused, not skipped."""

    model_config = ConfigDict(extra="forbid")


def _switch(value: object) -> bool:
    if value not in (True, False, "true", "false"):
        raise ValueError("say true or false")
    return value in (True, "true")


Flag = StrictBool  # in a body
Switch = Annotated[bool, BeforeValidator(_switch)]  # in a query


def _iso_day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day is written as 2026-11-22")
    return date.fromisoformat(value)


Day = Annotated[date, BeforeValidator(_iso_day)]


def _exact(pattern: str) -> Callable[[object], Decimal]:
    wanted = re.compile(pattern, re.ASCII)

    def read(value: object) -> Decimal:
        if not isinstance(value, str) or not wanted.fullmatch(value):
            raise ValueError('an amount is a string like "12.50", with at most four digits after the point')
        return Decimal(value)

    return read


def _described(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": ["12.50"]})


# Money is a decimal string in the installation's currency: a JSON number would not be exact.
Money = Annotated[Decimal, PlainSerializer(plain, return_type=str), _described(r"^-?[0-9]+\.[0-9]{2,4}$")]
Amount = Annotated[Decimal, BeforeValidator(_exact(_ANY_AMOUNT)), _described(_ANY_AMOUNT)]
AmountFromZero = Annotated[Decimal, BeforeValidator(_exact(_NOT_NEGATIVE)), _described(_NOT_NEGATIVE)]
