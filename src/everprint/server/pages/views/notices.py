"""What somebody was told, and how they wish to be told."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.notifications.kinds import KINDS
from everprint.server.notifications.mailing import words_about
from everprint.server.notifications.models import Notice
from everprint.server.notifications.wishes import mail_language, wish_of
from everprint.server.pages.forms.notifications import WishesForm
from everprint.server.pages.listing import Column, in_given_order
from everprint.server.pages.person import person

COLUMNS = (Column("at", gettext_noop("When")), Column("what", gettext_noop("What")))


@requires(Permission.USE_OWN)
@require_safe
def my_notices(request: HttpRequest) -> HttpResponse:
    """GET /me/notices"""
    user = person(request)
    language = mail_language(user)
    own = Notice.objects.filter(user=user, kind__in=list(KINDS)).order_by("-pk")
    listing = in_given_order(own, COLUMNS, request.GET)
    context = {
        "listing": listing,
        "notices": [(notice, words_about(notice, language)) for notice in listing.rows],
        "unseen": own.filter(seen_at=None).exists(),
    }
    return render(request, "pages/my_notices.html", context)


@requires(Permission.USE_OWN)
@require_POST
def my_notices_seen(request: HttpRequest) -> HttpResponse:
    """POST /me/notices/seen: all of them."""
    Notice.objects.filter(user=person(request), seen_at=None).update(seen_at=timezone.now())
    return redirect("pages:my-notices")


@requires(Permission.USE_OWN)
@require_http_methods(["GET", "POST"])
def my_wishes(request: HttpRequest) -> HttpResponse:
    """GET and POST /me/notifications"""
    user = person(request)
    form = WishesForm(request.POST if request.method == "POST" else None, user, wish_of(user))
    if form.is_valid():
        form.save()
        messages.success(request, _("Your wishes were saved."))
        return redirect("pages:my-notices")
    context = {
        "form": form,
        "title": _("How I am told"),
        "lead": _("Mails go to %(address)s.") % {"address": user.email}
        if user.email
        else _("You have no mail address here: no mail is sent to you."),
        "back": reverse("pages:my-notices"),
        "submit": _("Save"),
    }
    return render(request, "pages/form.html", context)
