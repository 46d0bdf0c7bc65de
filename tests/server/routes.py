"""Every route of the server's pages, with the view behind it and an address that reaches it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.converters import IntConverter, UUIDConverter


@dataclass(frozen=True)
class Route:
    """One URL pattern."""

    pattern: str
    view: Callable[..., Any]
    address: str


def all_routes() -> list[Route]:
    """The server's whole URL table, the contract's paths excepted."""
    from everprint.server.urls import urlpatterns

    return list(routes(urlpatterns))


def routes(patterns: Sequence[URLPattern | URLResolver], before: str = "", address: str = "/") -> Iterator[Route]:
    """The routes of these patterns, at any depth."""
    for pattern in patterns:
        route, example = f"{before}{pattern.pattern}", address + _example(pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route, example)
        else:
            yield Route(route, pattern.callback, example)


def _example(pattern: URLPattern | URLResolver) -> str:
    text = str(pattern.pattern)
    for name, converter in pattern.pattern.converters.items():
        number, identity = isinstance(converter, IntConverter), isinstance(converter, UUIDConverter)
        value = "1" if number else "11111111-1111-1111-1111-111111111111" if identity else "cancel"
        text = re.sub(rf"<(\w+:)?{name}>", value, text)
    assert "<" not in text, f"no example for {text}"
    return text
