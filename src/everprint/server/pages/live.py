"""Live parts of pages: one address answers with the whole page, or, asked by htmx, with the live part alone.

The part's digest is its ETag, so that a poll of an unchanged part costs one render and an empty 304.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

_DIGEST_SIZE = 16


def render_live(request: HttpRequest, page: str, part: str, context: Mapping[str, Any]) -> HttpResponse:
    """The page with its live part in `{{ live_part }}`, or what htmx asked for: the part, or 304 if it is as seen."""
    text = render_to_string(part, dict(context), request)
    tag = etag(text)
    if request.headers.get("HX-Request") != "true":
        response = render(request, page, {**context, "live_part": text, "live_etag": tag})
    elif request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(text)
    response["Cache-Control"] = "no-store"
    if response.status_code == 304 or request.headers.get("HX-Request") == "true":
        response["ETag"] = tag
    patch_vary_headers(response, ["HX-Request"])
    return response


def etag(text: str) -> str:
    """A strong validator of the text."""
    return f'"{hashlib.blake2b(text.encode(), digest_size=_DIGEST_SIZE).hexdigest()}"'
