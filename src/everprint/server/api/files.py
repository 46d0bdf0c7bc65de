"""Answers that can be had as a file instead of JSON: which one is wanted.

`?format=` says it; without that the header Accept does; else it is JSON.
"""

from __future__ import annotations

from enum import StrEnum

from django.http import HttpRequest

CSV, PDF = "text/csv", "application/pdf"


class Format(StrEnum):
    """How an answer is written."""

    JSON = "json"
    CSV = "csv"
    PDF = "pdf"


_FORMATS = {"application/json": Format.JSON, CSV: Format.CSV, PDF: Format.PDF}  # the first for who takes any


def wanted_format(request: HttpRequest, said: Format | None) -> Format:
    """What the query says, or the header Accept (RFC 9110, 12.5.1)."""
    if said is not None:
        return said
    return _FORMATS[request.get_preferred_type(list(_FORMATS)) or "application/json"]
