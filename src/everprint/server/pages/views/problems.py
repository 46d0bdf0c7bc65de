"""Pages that say why something could not be shown, and what to do next."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from everprint.server.access.declare import public
from everprint.server.api.problem import forbidden as api_forbidden
from everprint.server.api.problem import not_found as api_not_found
from everprint.server.api.refusal import answer, is_for_api
from everprint.server.pages.language import speak

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_REASON = "an error page holds nothing but how to go on"


@public(_REASON)
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400"""
    if is_for_api(request):
        return answer(HTTPStatus.BAD_REQUEST, "bad-request", "This request was not understood.")
    return _problem(
        request,
        HTTPStatus.BAD_REQUEST,
        _("This request was not understood"),
        _("Go back, reload the page and try again."),
    )


@public(_REASON)
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403"""
    if is_for_api(request):
        return api_forbidden()
    text = _("Your role does not allow this. If you need it for your work, ask an administrator to change your role.")
    return _problem(request, HTTPStatus.FORBIDDEN, _("You may not see or do this"), text)


@public(_REASON)
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404"""
    if is_for_api(request):
        return api_not_found()
    text = _("The address is wrong, or what was here belongs to somebody else. Look for it from your first page.")
    return _problem(request, HTTPStatus.NOT_FOUND, _("There is nothing here"), text)


@public(_REASON)
def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without the right token: an old page, or another site that sent it."""
    if is_for_api(request):
        why = "A session sends its CSRF token in X-CSRFToken, and comes from our own pages. Programs use a token."
        return answer(HTTPStatus.FORBIDDEN, "csrf", why)
    text = _(
        "The page was open too long, or you signed in again meanwhile. Go back, reload it and send the form again."
    )
    return _problem(request, HTTPStatus.FORBIDDEN, _("This form is out of date; nothing was changed"), text)


@public(_REASON)
def server_error(request: HttpRequest) -> HttpResponse:
    """500; asks nothing of the database, which may be what failed."""
    if is_for_api(request):
        text = "The server could not do this, and has logged why. Whether anything was changed is unknown."
        return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "server-error", text)
    return HttpResponse(render_to_string("pages/500.html"), status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _problem(request: HttpRequest, status: HTTPStatus, title: StrOrPromise, text: StrOrPromise) -> HttpResponse:
    speak(request)
    return render(
        request, "pages/problem.html", {"status": status.value, "title": title, "text": text}, status=status
    )
