"""Who may release one's held jobs: said by oneself, or by an administrator for somebody."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.edits import fingerprint
from everprint.server.pages.forms.delegates import DelegatesForm
from everprint.server.pages.person import person
from everprint.server.people.models import User


@requires(Permission.USE_OWN)
@require_http_methods(["GET", "POST"])
def my_delegates(request: HttpRequest) -> HttpResponse:
    """GET and POST /me/delegates"""
    lead = gettext("They see what your held jobs are called, and can release them. You pay for your jobs, as ever.")
    return _delegates(request, person(request), gettext("Who may release my jobs"), lead, reverse("pages:me"))


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def user_delegates(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET and POST /users/ID/delegates"""
    owner = get_object_or_404(User, pk=user_id)
    lead = f"They see what held jobs of {owner.name} are called, and can release them. {owner.name} pays for them."
    title = f"Who may release jobs of {owner.name}"
    return _delegates(request, owner, title, lead, reverse("pages:user", args=[owner.pk]))


def _delegates(request: HttpRequest, owner: User, title: str, lead: str, back: str) -> HttpResponse:
    if request.method == "POST":
        form = DelegatesForm(request.POST)
        if form.is_valid() and form.save(owner):
            messages.success(request, gettext("It was saved who may release these jobs."))
            return redirect(back)
    else:
        current = DelegatesForm.current(owner)
        form = DelegatesForm(initial={**current, "seen": fingerprint(current)})
    context = {"form": form, "title": title, "lead": lead, "back": back, "submit": gettext("Save")}
    return render(request, "pages/form.html", context)
