"""ETag and If-Match: who changes a record says which edition of it was seen (edits)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from django.http import HttpResponse
from ninja import Header

from everprint.server.edits import fingerprint

IfMatch = Annotated[
    str | None,
    Header(
        None,
        alias="If-Match",
        pattern=r'^("[0-9a-f]{1,64}"|\*)$',
        description="The ETag that the record had when it was read; if it has another now, nothing is changed (412)",
    ),
]


def seen(if_match: str | None) -> str | None:
    """The edition that the caller saw; None if they do not mind."""
    return None if if_match in (None, "*") else if_match.strip('"')


def tag(response: HttpResponse, values: Mapping[str, object]) -> None:
    """Gives the answer the record's ETag."""
    response["ETag"] = f'"{fingerprint(values)}"'
