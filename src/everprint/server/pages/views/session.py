"""Signing in and out, and the way to everybody's first page."""

from __future__ import annotations

import time

from django import forms
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import public, requires
from everprint.server.access.permissions import Permission
from everprint.server.oidc.models import OidcProvider
from everprint.server.pages.person import person
from everprint.server.pages.said import in_words
from everprint.server.pages.views.entry import PENDING, SIGNED_IN_WITH, address, go_in, own_page, signed_in
from everprint.server.pages.views.oidc import sign_out_address
from everprint.server.people.attempts import TooManyAttempts
from everprint.server.people.models import User
from everprint.server.people.second_factor import WrongCode, check_code
from everprint.server.people.sign_in import LONGEST_PASSWORD, sign_in


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
        return redirect(own_page(request, following))
    form = SignInForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user = sign_in(form.cleaned_data["user_name"], form.cleaned_data["password"], address(request))
        except TooManyAttempts as error:
            form.add_error(None, in_words(error))
        else:
            if user is not None:
                return redirect(go_in(request, user, following))
            form.add_error(None, _("The user name or the password is not right."))
    missing = _("Write your user name and your password.")
    ways = OidcProvider.objects.filter(is_active=True)
    context = {"form": form, "next": following, "missing": missing, "ways": ways}
    return render(request, "pages/sign_in.html", context)


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
    pending = request.session.get(PENDING, {})
    user = User.objects.filter(pk=pending.get("user"), is_active=True).first()
    if user is None or pending.get("until", 0) < time.time():
        return redirect("pages:sign-in")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            check_code(user, form.cleaned_data["code"], address(request))
        except (WrongCode, TooManyAttempts) as error:
            form.add_error(None, in_words(error).rstrip(".").capitalize() + ".")
        else:
            del request.session[PENDING]
            signed_in(request, user, pending.get("kept"))
            return redirect(own_page(request, following))
    context = {"form": form, "next": following, "missing": _("Write the code.")}
    return render(request, "pages/sign_in.html", context)


@public("signing out twice is no harm")
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """POST /sign-out"""
    slug = request.session.get(SIGNED_IN_WITH, "")
    auth.logout(request)
    there = sign_out_address(request, slug) if slug else None
    if there is None:
        return redirect("pages:sign-in")
    return render(request, "pages/signed_out.html", {"provider": there[0], "there": there[1]})


@requires(Permission.USE_OWN)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """GET /: the dashboard for those who run the printing, their own page for the others."""
    return redirect("pages:dashboard" if person(request).may(Permission.VIEW_DASHBOARD) else "pages:me")
