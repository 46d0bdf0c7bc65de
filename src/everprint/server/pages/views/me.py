"""A person's own pages: balance, jobs, statement, password."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from everprint.contract.job_life import JobState
from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.accounts.holders import open_personal_account
from everprint.server.accounts.purses import accounts_of
from everprint.server.installation.settings import read_settings
from everprint.server.jobs.expected import with_expected_costs
from everprint.server.jobs.expiry import expires_at
from everprint.server.jobs.models import Job
from everprint.server.jobs.queries import jobs_to_release_for_others, matching, without_details
from everprint.server.notifications.kinds import KINDS
from everprint.server.notifications.models import Notice
from everprint.server.pages.forms.users import OwnPasswordForm
from everprint.server.pages.listing import arrange, in_order
from everprint.server.pages.live import render_live
from everprint.server.pages.person import person
from everprint.server.pages.statement_page import (
    account_asked_for,
    balance_context,
    statement_csv,
    statement_page,
)
from everprint.server.pages.views.jobs import COLUMNS, OwnJobFilterForm, csv_of_jobs
from everprint.server.release.operators import operated_by
from everprint.server.topup.configured import configured_gateway

RECENT = 10
MOST_WAITING = 50
OWN_COLUMNS = tuple(column for column in COLUMNS if column.key != "user")


@requires(Permission.USE_OWN)
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """GET /me: what I have, what waits for me, what I printed lately."""
    user = person(request)
    account = open_personal_account(user)
    own = _own(request)
    listing, lines = statement_page(account, own, request.GET, size=RECENT)
    settings = read_settings()
    context = {
        **balance_context(account, user),
        "held": _waiting(own.filter(state=JobState.HELD.value).defer(None), settings.hold_hours),
        "for_others": _waiting(jobs_to_release_for_others(user), settings.hold_hours),
        "recent": own.exclude(state=JobState.HELD.value).order_by("-number")[:RECENT],
        "own": True,
        "operates": bool(operated_by(user)),
        "unseen": Notice.objects.filter(user=user, seen_at=None, kind__in=list(KINDS)).count(),
        "can_transfer": settings.transfers,
        "can_pay": configured_gateway() is not None,
        "lines": lines,
        "listing": listing,
    }
    return render_live(request, "pages/me.html", "pages/me_live.html", context)


@requires(Permission.USE_OWN)
@require_safe
def my_jobs(request: HttpRequest) -> HttpResponse:
    """GET /me/jobs"""
    form = OwnJobFilterForm(request.GET)
    listing = arrange(matching(_own(request), form.wanted()), OWN_COLUMNS, request.GET, default=form.default_order)
    context = {
        "form": form,
        "listing": listing,
        "filtered": form.says_something,
        "own": True,
        "csv_url": reverse("pages:my-jobs-csv"),
    }
    return render_live(request, "pages/my_jobs.html", "pages/jobs_live.html", context)


@requires(Permission.USE_OWN)
@require_safe
def my_jobs_csv(request: HttpRequest) -> HttpResponseBase:
    """GET /me/jobs/csv"""
    form = OwnJobFilterForm(request.GET)
    found = matching(_own(request), form.wanted())
    return csv_of_jobs(in_order(found, OWN_COLUMNS, request.GET, default=form.default_order))


@requires(Permission.USE_OWN)
@require_safe
def my_statement(request: HttpRequest) -> HttpResponse:
    """GET /me/statement"""
    user = person(request)
    account = account_asked_for(user, request.GET)
    listing, lines = statement_page(account, _own(request), request.GET)
    context = {
        "accounts": accounts_of(user),
        "account": account,
        "listing": listing,
        "lines": lines,
        "whose": user,
        "own": True,
        "csv_url": reverse("pages:my-statement-csv"),
    }
    return render(request, "pages/statement.html", context)


@requires(Permission.USE_OWN)
@require_safe
def my_statement_csv(request: HttpRequest) -> HttpResponseBase:
    """GET /me/statement/csv"""
    return statement_csv(account_asked_for(person(request), request.GET), _own(request))


@requires(Permission.USE_OWN)
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def my_password(request: HttpRequest) -> HttpResponse:
    """GET and POST /me/password"""
    user = person(request)
    form = OwnPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.save_own(user, request.META.get("REMOTE_ADDR", "")):
        update_session_auth_hash(request, user)
        messages.success(request, _("Your password was changed. Your other sessions have ended."))
        return redirect("pages:me")
    context = {
        "form": form,
        "title": _("Change my password"),
        "back": reverse("pages:me"),
        "submit": _("Change password"),
        "username": user.name,
    }
    return render(request, "pages/form.html", context)


def _waiting(jobs: QuerySet[Job], default_hours: int) -> list[tuple[Job, Decimal | None, datetime | None]]:
    """Held jobs, what each will cost, and until when it waits."""
    return [(job, cost, expires_at(job, default_hours)) for job, cost in with_expected_costs(jobs[:MOST_WAITING])]


def _own(request: HttpRequest) -> QuerySet[Job]:
    return without_details(Job.objects.select_related("printer", "owner", "provider").filter(owner=person(request)))
