"""The language of a page: the reader's wish, else what the browser asks for, else the installation's.

A page is in another language than English only when all of it is: those are listed here, and tests look at each of
them. Every other page is whole in English.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation.trans_real import parse_accept_lang_header

from everprint.server.installation.settings import read_settings
from everprint.server.languages import Language, language_named
from everprint.server.notifications.wishes import wish_of
from everprint.server.people.models import User

TRANSLATED = frozenset(
    f"pages:{name}"
    for name in (
        "sign-in",
        "sign-in-code",
        "me",
        "my-jobs",
        "my-statement",
        "my-cards",
        "my-card-remove",
        "my-password",
        "my-second-factor",
        "my-voucher",
        "my-payment-new",
        "my-payment",
        "my-transfer",
        "my-notices",
        "my-notices-seen",
        "my-wishes",
        "my-delegates",
        "operated",
        "job",
        "job-charge",
        "job-refund",
        "job-release-at",
        "release-at",
        "station",
        "station-sign-in",
        "station-sign-out",
        "station-pin",
        "station-account",
        "station-job",
        "station-release-all",
    )
)
# What Django calls them: English is as in Britain, days before months.
_CODES = {Language.ENGLISH: "en-gb", Language.GERMAN: "de"}


class PageLanguage(MiddlewareMixin):
    """Stands after the session's user is known, and before anything is written for people."""

    def process_request(self, request: HttpRequest) -> None:
        translation.activate(_CODES[Language.ENGLISH])  # whatever this thread answered before

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        arguments: tuple[object, ...],
        named: dict[str, object],
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is not None and match.view_name in TRANSLATED:
            speak(request)
        return None

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if active_language() is not Language.ENGLISH:
            response.headers.setdefault("Content-Language", active_language().value)
        patch_vary_headers(response, ["Accept-Language"])
        return response


def speak(request: HttpRequest, reader: User | None = None) -> None:
    """From here on this request is answered in its reader's language; `reader` is one who has no session of the
    pages.
    """
    translation.activate(_CODES[language_of(request, reader)])


def speak_as(request: HttpRequest, path: str) -> None:
    """What is said now is read on the page at that path: in its language."""
    try:
        name = resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return
    if name in TRANSLATED:
        speak(request)


def language_of(request: HttpRequest, reader: User | None = None) -> Language:
    """The reader's language."""
    user = reader or getattr(request, "user", None)
    if isinstance(user, User) and (wished := wish_of(user).language) is not None:
        return wished
    for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        primary = code.partition("-")[0]
        if primary in list(Language):
            return Language(primary)
    return language_named(read_settings().language)


def active_language() -> Language:
    """The language that is written in now."""
    return language_named(translation.get_language() or "")
