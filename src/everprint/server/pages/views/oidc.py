"""Signing in with an OpenID provider: there, and back again.

The session's cookie is SameSite=Strict, so a browser that comes from the provider does not show it, not even to the
page that it is sent on to. So whoever comes back gets a page of ours that leads on by itself. What has to come back
with the browser is in a cookie of its own, which is Lax and worth nothing but for this one attempt.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from everprint.server.access.declare import public
from everprint.server.oidc.asking import Client, ProviderAway, Redeemed, more_about, offer_of, redeem
from everprint.server.oidc.attempt import WITHIN_S, AttemptOver, address_of, begin, check_issuer, opened, sealed
from everprint.server.oidc.id_token import BadToken, Claims
from everprint.server.oidc.models import OidcProvider
from everprint.server.oidc.people import NotAdmitted, admit, person_in
from everprint.server.oidc.setting import secret_of
from everprint.server.pages.views.entry import SIGNED_IN_WITH, address, go_in, own_page
from everprint.server.people.models import User

log = logging.getLogger(__name__)

COOKIE = "everprint-oidc"
_COOKIE_PATH = "/sign-in/with/"


@public("signing in comes before being known")
@never_cache
@require_safe
def oidc_begin(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /sign-in/with/SLUG: to the provider"""
    following = own_page(request, request.GET.get("next", ""))
    if isinstance(request.user, User):
        return redirect(following)
    provider = get_object_or_404(OidcProvider, slug=slug, is_active=True)
    try:
        offer = offer_of(provider.issuer)
    except ProviderAway as error:
        log.warning("sign-in provider=%s is away: %s", slug, error)
        return _failed(request, f"{provider.title} cannot be asked now. Try again, or sign in with your password.")
    attempt = begin(slug, following)
    response = HttpResponseRedirect(address_of(attempt, provider, offer, address_back(request, provider)))
    response.set_cookie(
        COOKIE, sealed(attempt), max_age=WITHIN_S, path=_COOKIE_PATH, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response


@public("the provider sends people back here who are not known yet")
@never_cache
@require_safe
def oidc_back(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /sign-in/with/SLUG/back: from the provider, with a code"""
    provider = get_object_or_404(OidcProvider, slug=slug, is_active=True)
    try:
        attempt = opened(request.COOKIES.get(COOKIE, ""), slug, request.GET.dict())
        check_issuer(request.GET.dict(), offer_of(provider.issuer))
        code = request.GET.get("code", "")
        if not code:
            return _failed(request, _why_not(provider, request.GET.get("error", "")))
        redeemed = Redeemed(code, attempt.verifier, address_back(request, provider), attempt.nonce)
        user = admit(provider, person_in(provider, _claims(provider, redeemed)), address(request))
    except (AttemptOver, NotAdmitted) as error:
        log.warning("sign-in refused provider=%s address=%s: %s", slug, address(request), error)
        return _failed(request, str(error))
    except (ProviderAway, BadToken) as error:
        log.warning("sign-in failed provider=%s address=%s: %s", slug, address(request), error)
        return _failed(
            request, f"{provider.title} did not answer as it should. Whoever runs this server can see why."
        )
    target = go_in(request, user, attempt.following, {SIGNED_IN_WITH: slug})
    return _forget(render(request, "pages/signed_in.html", {"target": target}))


def sign_out_address(request: HttpRequest, slug: str) -> tuple[OidcProvider, str] | None:
    """Where somebody who signed in with that provider signs out there too (RP-Initiated Logout 1.0), if it can be."""
    provider = OidcProvider.objects.filter(slug=slug).first()
    try:
        end = offer_of(provider.issuer).end_session_endpoint if provider is not None else ""
    except ProviderAway:
        return None
    if provider is None or not end:
        return None
    back = own_origin(request) + reverse("pages:sign-in")
    asked = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": back})
    return provider, f"{end}{'&' if '?' in end else '?'}{asked}"


def address_back(request: HttpRequest, provider: OidcProvider) -> str:
    """Where the provider sends people back to: an address for each one, so that no answer is taken for another's
    (RFC 9700, section 4.4)."""
    return own_origin(request) + reverse("pages:oidc-back", args=[provider.slug])


def own_origin(request: HttpRequest) -> str:
    """This server as people reach it: by the trusted origin of that name, if a proxy stands before it."""
    host = request.get_host()
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        if urlsplit(origin).netloc == host:
            return origin.rstrip("/")
    return f"{request.scheme}://{host}"


def _claims(provider: OidcProvider, redeemed: Redeemed) -> Claims:
    client = Client(provider.issuer, provider.client_id, secret_of(provider))
    claims, tokens = redeem(client, redeemed)
    return claims if provider.name_claim in claims else more_about(client, tokens, claims)


def _why_not(provider: OidcProvider, error: str) -> str:
    if error == "access_denied":
        return f"You did not sign in at {provider.title}."
    return f"{provider.title} did not sign you in. Try again, or sign in with your password."


def _failed(request: HttpRequest, why: str) -> HttpResponse:
    """Back to the sign-in page, by a page of ours that shows its cookie."""
    return _forget(render(request, "pages/sign_in_failed.html", {"why": why}, status=HTTPStatus.FORBIDDEN))


def _forget(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, path=_COOKIE_PATH, samesite="Lax")
    return response
