"""One's own second factor: setting it up with an authenticator, and removing it; administrators remove anybody's."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.pages.person import person
from everprint.server.pages.qr_code import squares_of
from everprint.server.pages.said import in_words
from everprint.server.pages.views.entry import address
from everprint.server.people.attempts import TooManyAttempts
from everprint.server.people.models import User
from everprint.server.people.second_factor import (
    WrongCode,
    begin_second_factor,
    confirm_second_factor,
    give_up_second_factor,
    has_second_factor,
    remove_second_factor,
)
from everprint.server.settings import CONFIGURATION


class CodeForm(ProblemForm):
    """A code, to show that the authenticator is at hand."""

    code = forms.CharField(
        label=_("Code"),
        max_length=32,
        help_text=_("What your authenticator shows now, or a recovery code."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
    )


@requires(Permission.USE_OWN)
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def my_second_factor(request: HttpRequest) -> HttpResponse:
    """GET and POST /me/second-factor: sets it up, or removes it; both need a code."""
    user = person(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    has_one = has_second_factor(user)
    if form.is_valid():
        try:
            if not has_one:
                codes = confirm_second_factor(user, form.cleaned_data["code"], address(request))
                return render(request, "pages/second_factor_codes.html", {"codes": codes})
            give_up_second_factor(user, form.cleaned_data["code"], address(request))
            messages.success(request, _("Your password alone is enough from now on."))
            return redirect("pages:me")
        except (WrongCode, TooManyAttempts) as error:
            form.add_error("code", gettext("This cannot be: %(why)s.") % {"why": in_words(error).rstrip(".")})
    begun = None if has_one else begin_second_factor(user, CONFIGURATION.server_name)
    context = {"form": form, "has_one": has_one, "begun": begun, "qr": squares_of(begun.uri, "M") if begun else None}
    return render(request, "pages/second_factor.html", context)


@requires(Permission.MANAGE_USERS)
@require_POST
def second_factor_remove(request: HttpRequest, user_id: int) -> HttpResponse:
    """POST /users/ID/second-factor/remove: for who lost authenticator and recovery codes; one's own takes a code."""
    user = get_object_or_404(User, pk=user_id)
    if user == person(request):
        return redirect("pages:my-second-factor")
    remove_second_factor(user)
    messages.success(request, f"{user.name} signs in with the password alone now.")
    return redirect("pages:user", user.pk)
