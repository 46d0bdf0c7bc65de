"""API tokens: one's own for those who may make them, everybody's for those who manage users."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.api.models import ApiToken
from everprint.server.api.tokens import revoke_token
from everprint.server.pages.forms.tokens import NewTokenForm
from everprint.server.pages.listing import Column, arrange
from everprint.server.pages.person import person
from everprint.server.people.models import User

COLUMNS = (
    Column("name", "Token", "name"),
    Column("owner", "Acts for", "owner__name"),
    Column("permissions", "May"),
    Column("made", "Made", "made_at"),
    Column("expires", "Expires", "expires_at"),
    Column("used", "Last used", "last_used_at"),
    Column("state", "State"),
)


@requires(Permission.MAKE_TOKENS)
@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """GET /tokens"""
    listing = arrange(_shown_to(person(request)), COLUMNS, request.GET, default="name")
    return render(request, "pages/tokens.html", {"listing": listing, "now": timezone.now()})


@requires(Permission.MAKE_TOKENS)
@never_cache
@require_http_methods(["GET", "POST"])
def token_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /tokens/new: makes a token and shows it, this once."""
    form = NewTokenForm(person(request), request.POST if request.method == "POST" else None)
    if form.is_valid() and (made := form.create()) is not None:
        address = f"{request.scheme}://{request.get_host()}"
        return render(request, "pages/token_made.html", {"made": made, "address": address})
    context = {"form": form, "title": "New API token", "back": reverse("pages:tokens"), "submit": "Make token"}
    return render(request, "pages/form.html", context)


@requires(Permission.MAKE_TOKENS)
@require_POST
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """POST /tokens/ID/revoke"""
    token = get_object_or_404(_shown_to(person(request)), pk=token_id)
    revoke_token(token)
    messages.success(request, f"{token.name} was revoked: it opens nothing any more.")
    return redirect("pages:tokens")


def _shown_to(user: User) -> QuerySet[ApiToken]:
    tokens = ApiToken.objects.select_related("owner")
    return tokens if user.may(Permission.MANAGE_USERS) else tokens.filter(owner=user)
