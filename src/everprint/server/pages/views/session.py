"""Signing in and out, and the way to everybody's first page."""

from __future__ import annotations

import time
from typing import cast
from urllib.parse import urlencode

from django import forms
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import public, requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.person import person
from everprint.server.pages.said import in_words
from everprint.server.people.attempts import TooManyAttempts
from everprint.server.people.models import User
from everprint.server.people.second_factor import WrongCode, check_code, has_second_factor
from everprint.server.people.sign_in import LONGEST_PASSWORD, sign_in

CODE_WITHIN_S = 300
_PENDING = "second-factor"
BACKEND = "everprint.server.people.backend.UserBackend"


class SignInForm(forms.Form):
    """Name and password; both are looked at by people.sign_in only."""

    user_name = forms.CharField(
        label=_("User name"),
        max_length=512,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@public("signing in comes before being known")
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """GET and POST /sign-in"""
    following = request.POST.get("next") or request.GET.get("next") or ""
    if isinstance(request.user, User):
        return redirect(_safe(request, following))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user = sign_in(form.cleaned_data["user_name"], form.cleaned_data["password"], _address(request))
        except TooManyAttempts as error:
            form.add_error(None, in_words(error))
        else:
            if user is not None and has_second_factor(user):
                request.session[_PENDING] = {"user": user.pk, "until": time.time() + CODE_WITHIN_S}
                return redirect(f"{reverse('pages:sign-in-code')}?{urlencode({'next': _safe(request, following)})}")
            if user is not None:
                auth.login(request, user, BACKEND)
                return redirect(_safe(request, following))
            form.add_error(None, _("The user name or the password is not right."))
    missing = _("Write your user name and your password.")
    return render(request, "pages/sign_in.html", {"form": form, "next": following, "missing": missing})


class CodeForm(forms.Form):
    """The second factor."""

    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        help_text=_("Six digits of your authenticator, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "autofocus": True}),
    )


@public("the second half of signing in")
@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """GET and POST /sign-in/code: for who gave the right password in this session, a moment ago."""
    following = request.POST.get("next") or request.GET.get("next") or ""
    pending = request.session.get(_PENDING, {})
    user = User.objects.filter(pk=pending.get("user"), is_active=True).first()
    if user is None or pending.get("until", 0) < time.time():
        return redirect("pages:sign-in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            check_code(user, form.cleaned_data["code"], _address(request))
        except (WrongCode, TooManyAttempts) as error:
            form.add_error(None, in_words(error).rstrip(".").capitalize() + ".")
        else:
            del request.session[_PENDING]
            auth.login(request, user, BACKEND)
            return redirect(_safe(request, following))
    context = {"form": form, "next": following, "missing": _("Write the code.")}
    return render(request, "pages/sign_in.html", context)


@public("signing out twice is no harm")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """POST /sign-out"""
    auth.logout(request)
    return redirect("pages:sign-in")


@requires(Permission.USE_OWN)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """GET /: the dashboard for those who run the printing, their own page for the others."""
    return redirect("pages:dashboard" if person(request).may(Permission.VIEW_DASHBOARD) else "pages:me")


def _safe(request: HttpRequest, target: str) -> str:
    """Only a page of ours: a link to the sign-in page cannot lead elsewhere."""
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if allowed and target.startswith("/") else "/"


def _address(request: HttpRequest) -> str:
    return cast(str, request.META.get("REMOTE_ADDR", ""))
