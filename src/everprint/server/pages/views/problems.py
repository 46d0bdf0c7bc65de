"""Pages that say why something could not be shown, and what to do next."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from everprint.server.access.declare import public
from everprint.server.api.problem import forbidden as api_forbidden
from everprint.server.api.problem import not_found as api_not_found
from everprint.server.api.refusal import answer, is_for_api

_REASON = "an error page holds nothing but how to go on"


@public(_REASON)
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400"""
    if is_for_api(request):
        return answer(HTTPStatus.BAD_REQUEST, "bad-request", "This request was not understood.")
    return _problem(
        request, HTTPStatus.BAD_REQUEST, "This request was not understood", "Go back, reload the page and try again."
    )


@public(_REASON)
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403"""
    if is_for_api(request):
        return api_forbidden()
    text = "Your role does not allow this. If you need it for your work, ask an administrator to change your role."
    return _problem(request, HTTPStatus.FORBIDDEN, "You may not see or do this", text)


@public(_REASON)
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404"""
    if is_for_api(request):
        return api_not_found()
    text = "The address is wrong, or what was here belongs to somebody else. Look for it from your first page."
    return _problem(request, HTTPStatus.NOT_FOUND, "There is nothing here", text)


@public(_REASON)
def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without the right token: an old page, or another site that sent it."""
    if is_for_api(request):
        text = "A session sends its CSRF token in X-CSRFToken, and comes from our own pages. Programs use a token."
        return answer(HTTPStatus.FORBIDDEN, "csrf", text)
    text = "The page was open too long, or you signed in again meanwhile. Go back, reload it and send the form again."
    return _problem(request, HTTPStatus.FORBIDDEN, "This form is out of date; nothing was changed", text)


@public(_REASON)
def server_error(request: HttpRequest) -> HttpResponse:
    """500; asks nothing of the database, which may be what failed."""
    if is_for_api(request):
        text = "The server could not do this, and has logged why. Whether anything was changed is unknown."
        return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "server-error", text)
    return HttpResponse(render_to_string("pages/500.html"), status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _problem(request: HttpRequest, status: HTTPStatus, title: str, text: str) -> HttpResponse:
    return render(
        request, "pages/problem.html", {"status": status.value, "title": title, "text": text}, status=status
    )
