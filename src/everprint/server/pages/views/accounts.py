"""Shared accounts: the list, each one's page, and what administrators do with them."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.charging.models import SharedAccount
from everprint.server.edits import fingerprint
from everprint.server.jobs.queries import jobs_visible_to
from everprint.server.pages.csv_export import Cell, all_rows, csv_response
from everprint.server.pages.forms.accounts import COMMENTS, INVOICES, PinForm, SharedAccountForm
from everprint.server.pages.forms.filters import FilterForm
from everprint.server.pages.forms.users import AdjustForm
from everprint.server.pages.listing import Column, arrange, in_order
from everprint.server.pages.live import render_live
from everprint.server.pages.person import person
from everprint.server.pages.statement_page import statement_csv, statement_page
from everprint.server.pages.templatetags.everprint_pages import money

COLUMNS = (
    Column("name", "Account", "account__name"),
    Column("balance", "Balance", "account__balance", number=True),
    Column("restricted", "Limit", "account__restricted"),
    Column("state", "State", "account__is_active"),
)
BY_NAME = "name"


class AccountFilterForm(FilterForm):
    """Which shared accounts."""

    text = forms.CharField(
        label="Search", required=False, max_length=200, widget=forms.SearchInput(attrs={"autocomplete": "off"})
    )

    def found(self) -> QuerySet[SharedAccount]:
        """The accounts wanted."""
        accounts = SharedAccount.objects.select_related("account", "parent__account")
        text = (self.said("text") or "").strip()
        return accounts.filter(account__name__icontains=text) if text else accounts


@requires(Permission.VIEW_ACCOUNTS)
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """GET /accounts"""
    form = AccountFilterForm(request.GET)
    listing = arrange(form.found(), COLUMNS, request.GET, default=BY_NAME)
    context = {"form": form, "listing": listing, "filtered": form.says_something}
    return render_live(request, "pages/accounts.html", "pages/accounts_live.html", context)


@requires(Permission.VIEW_ACCOUNTS)
@require_safe
def accounts_csv(request: HttpRequest) -> HttpResponseBase:
    """GET /accounts/csv"""
    found = in_order(AccountFilterForm(request.GET).found(), COLUMNS, request.GET, default=BY_NAME)
    titles = ("account", "balance", "restricted", "overdraft", "open", "comments", "invoice", "notes")
    return csv_response("accounts", titles, _csv_rows(found))


def _csv_rows(found: QuerySet[SharedAccount]) -> Iterator[list[Cell]]:
    for shared in all_rows(found):
        account = shared.account
        yield [
            account.name,
            account.balance,
            account.restricted,
            account.overdraft,
            shared.is_open,
            shared.comment_option,
            shared.invoice_option,
            shared.notes,
        ]


@requires(Permission.VIEW_ACCOUNTS)
@require_safe
def account_page(request: HttpRequest, account_id: int) -> HttpResponse:
    """GET /accounts/ID"""
    shared = _account(account_id)
    listing, lines = statement_page(shared.account, jobs_visible_to(person(request)), request.GET)
    context = {
        "shared": shared,
        "account": shared.account,
        "listing": listing,
        "lines": lines,
        "csv_url": reverse("pages:account-statement-csv", args=[account_id]),
        "subs": shared.subs.select_related("account"),
        "users": shared.access_users.order_by("name")[:100],
        "groups": shared.access_groups.all(),
        "comments": dict(COMMENTS)[shared.comment_option],
        "invoice": dict(INVOICES)[shared.invoice_option],
    }
    return render(request, "pages/account.html", context)


@requires(Permission.VIEW_ACCOUNTS)
@require_safe
def account_statement_csv(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """GET /accounts/ID/statement/csv"""
    return statement_csv(_account(account_id).account, jobs_visible_to(person(request)))


@requires(Permission.MANAGE_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def account_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /accounts/new"""
    form = SharedAccountForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (shared := form.save(None)) is not None:
        messages.success(request, f"{shared.account.name} was made.")
        return redirect("pages:account", shared.pk)
    return _form(request, form, "New shared account", reverse("pages:accounts"), "Make account")


@requires(Permission.MANAGE_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def account_edit(request: HttpRequest, account_id: int) -> HttpResponse:
    """GET and POST /accounts/ID/edit"""
    shared = _account(account_id)
    current = SharedAccountForm.current(shared)
    if request.method == "POST":
        form = SharedAccountForm(request.POST)
        if form.is_valid() and (saved := form.save(shared.pk)) is not None:
            messages.success(request, f"{saved.account.name} was saved.")
            return redirect("pages:account", shared.pk)
    else:
        form = SharedAccountForm(initial={**current, "seen": fingerprint(current)})
    back = reverse("pages:account", args=[shared.pk])
    return _form(request, form, f"Edit {shared.account.name}", back, "Save")


@requires(Permission.MANAGE_ACCOUNTS)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def account_pin(request: HttpRequest, account_id: int) -> HttpResponse:
    """GET and POST /accounts/ID/pin"""
    shared = _account(account_id)
    form = PinForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.save(shared):
        messages.success(request, "The PIN was set." if shared.pin_digest else "There is no PIN any more.")
        return redirect("pages:account", shared.pk)
    back = reverse("pages:account", args=[shared.pk])
    return _form(request, form, f"PIN of {shared.account.name}", back, "Set PIN")


@requires(Permission.ADJUST_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def account_adjust(request: HttpRequest, account_id: int) -> HttpResponse:
    """GET and POST /accounts/ID/adjust"""
    shared = _account(account_id)
    if request.method == "POST":
        form = AdjustForm(request.POST, accounts=[shared.account])
        if form.is_valid() and (booked := form.book(person(request))) is not None:
            messages.success(request, f"The balance of {booked.name} is now {money(booked.balance)}.")
            return redirect("pages:account", shared.pk)
    else:
        form = AdjustForm(initial={"key": AdjustForm.fresh_key()}, accounts=[shared.account])
    lead = f"The balance is {money(shared.account.balance)}."
    back = reverse("pages:account", args=[shared.pk])
    return _form(request, form, f"Adjust the balance of {shared.account.name}", back, "Adjust balance", lead)


def _account(account_id: int) -> SharedAccount:
    return get_object_or_404(SharedAccount.objects.select_related("account", "parent__account"), pk=account_id)


def _form(request: HttpRequest, form: forms.Form, title: str, back: str, submit: str, lead: str = "") -> HttpResponse:
    context = {"form": form, "title": title, "back": back, "submit": submit, "lead": lead}
    return render(request, "pages/form.html", context)
