"""Cards and PINs: one's own, and what administrators give to people."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.installation.settings import read_settings
from everprint.server.pages.forms.cards import OwnCardForm, UserCardsForm
from everprint.server.pages.person import person
from everprint.server.people.cards import remove_own_card
from everprint.server.people.models import User


@requires(Permission.MANAGE_USERS)
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def user_cards(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET and POST /users/ID/cards"""
    user = get_object_or_404(User, pk=user_id)
    form = UserCardsForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid() and form.save():
        messages.success(request, f"The cards and the PIN of {user.name} were saved.")
        return redirect("pages:user", user.pk)
    context = {
        "form": form,
        "title": f"Cards of {user.name}",
        "lead": "Numbers and PINs are kept as digests and not shown again. What is left empty stays as it is.",
        "back": reverse("pages:user", args=[user.pk]),
        "submit": "Save",
    }
    return render(request, "pages/form.html", context)


@requires(Permission.USE_OWN)
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def my_cards(request: HttpRequest) -> HttpResponse:
    """GET and POST /me/cards"""
    user = person(request)
    with_card = read_settings().own_cards
    form = OwnCardForm(request.POST if request.method == "POST" else None, user=user, with_card=with_card)
    if form.is_valid() and form.save():
        messages.success(request, _("Your cards and your PIN were saved."))
        return redirect("pages:my-cards")
    context = {"form": form, "cards": user.cards.all(), "has_pin": bool(user.pin_digest), "with_card": with_card}
    return render(request, "pages/my_cards.html", context)


@requires(Permission.USE_OWN)
@require_POST
def my_card_remove(request: HttpRequest, place: int) -> HttpResponse:
    """POST /me/cards/PLACE/remove"""
    remove_own_card(person(request), place)
    messages.success(request, _("The card is not yours any more."))
    return redirect("pages:my-cards")
