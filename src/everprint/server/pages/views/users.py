"""Users: the list, each one's page, and what administrators do with them."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission, Role
from everprint.server.accounts.holders import open_personal_account
from everprint.server.accounts.purses import accounts_of, purses_to_fill
from everprint.server.edits import fingerprint
from everprint.server.jobs.queries import jobs_visible_to
from everprint.server.pages.csv_export import Cell, all_rows, csv_response
from everprint.server.pages.forms.filters import FilterForm, NamedChoice
from everprint.server.pages.forms.users import AdjustForm, EditUserForm, GuestForm, NewUserForm, PasswordForm
from everprint.server.pages.listing import Column, arrange, in_order
from everprint.server.pages.live import render_live
from everprint.server.pages.person import person
from everprint.server.pages.statement_page import (
    account_asked_for,
    balance_context,
    statement_csv,
    statement_page,
)
from everprint.server.pages.templatetags.everprint_pages import money
from everprint.server.people.changes import changeable
from everprint.server.people.models import Department, Group, Office, User
from everprint.server.people.queries import users_matching
from everprint.server.people.workplaces import in_use, name_of

BY_NAME = "name"
COLUMNS = (
    Column("name", "User", "name"),
    Column("full_name", "Full name", "full_name"),
    Column("role", "Role", "role"),
    Column("department", "Department", "department__name"),
    Column("groups", "Groups"),
    Column("balance", "Balance", "account__balance", number=True),
    Column("restricted", "Limit", "account__restricted"),
)
RECENT = 8


class UserFilterForm(FilterForm):
    """Which users."""

    text = forms.CharField(
        label="Search", required=False, max_length=200, widget=forms.SearchInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(
        label="Role", required=False, choices=[("", "Any role"), *((role.value, role.value.title()) for role in Role)]
    )
    group = NamedChoice(label="Group", required=False, queryset=Group.objects.all(), empty_label="Any group")
    department = NamedChoice(
        label="Department", required=False, queryset=in_use(Department), empty_label="Any department"
    )
    office = NamedChoice(label="Office", required=False, queryset=in_use(Office), empty_label="Any office")

    def found(self) -> QuerySet[User]:
        """The users wanted."""
        chosen = {name: self.said(name) for name in ("group", "department", "office")}
        ids = {name: row.pk for name, row in chosen.items() if row}
        return users_matching((self.said("text") or "").strip(), self.said("role") or "", **ids)


@requires(Permission.VIEW_USERS)
@require_safe
def users(request: HttpRequest) -> HttpResponse:
    """GET /users"""
    form = UserFilterForm(request.GET)
    listing = arrange(form.found(), COLUMNS, request.GET, default=BY_NAME)
    context = {"form": form, "listing": listing, "filtered": form.says_something}
    return render_live(request, "pages/users.html", "pages/users_live.html", context)


@requires(Permission.VIEW_USERS)
@require_safe
def users_csv(request: HttpRequest) -> HttpResponseBase:
    """GET /users/csv: the same users in the same order, all of them."""
    found = in_order(UserFilterForm(request.GET).found(), COLUMNS, request.GET, default=BY_NAME)
    titles = (
        "user", "full name", "e-mail", "role", "enabled", "groups", "balance", "restricted", "overdraft",
        "department", "office",
    )  # fmt: skip
    return csv_response("users", titles, _csv_rows(found))


def _csv_rows(found: QuerySet[User]) -> Iterator[list[Cell]]:
    for user in all_rows(found):
        account = getattr(user, "account", None)
        yield [
            user.name,
            user.full_name,
            user.email,
            user.role,
            user.is_active,
            ", ".join(group.name for group in user.print_groups.all()),
            account.balance if account else None,
            account.restricted if account else None,
            account.overdraft if account else None,
            name_of(user.department),
            name_of(user.office),
        ]


@requires(Permission.VIEW_USERS)
@require_safe
def user_page(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET /users/ID"""
    user = get_object_or_404(User, pk=user_id)
    account = open_personal_account(user)
    jobs = jobs_visible_to(person(request))
    listing, lines = statement_page(account, jobs, request.GET, size=RECENT)
    context = {
        "shown": user,
        "sign_ins": user.oidc_identities.select_related("provider"),
        **balance_context(account, user),
        "groups": user.print_groups.all(),
        "cards": user.cards.count(),
        "former_names": user.former_names.all(),
        "recent": jobs.filter(owner=user).order_by("-number")[:RECENT],
        "listing": listing,
        "lines": lines,
    }
    return render_live(request, "pages/user.html", "pages/user_live.html", context)


@requires(Permission.VIEW_USERS)
@require_safe
def user_statement(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET /users/ID/statement"""
    user = get_object_or_404(User, pk=user_id)
    account = account_asked_for(user, request.GET)
    listing, lines = statement_page(account, jobs_visible_to(person(request)), request.GET)
    context = {
        "accounts": accounts_of(user),
        "account": account,
        "listing": listing,
        "lines": lines,
        "whose": user,
        "csv_url": reverse("pages:user-statement-csv", args=[user.pk]),
    }
    return render(request, "pages/statement.html", context)


@requires(Permission.VIEW_USERS)
@require_safe
def user_statement_csv(request: HttpRequest, user_id: int) -> HttpResponseBase:
    """GET /users/ID/statement/csv"""
    account = account_asked_for(get_object_or_404(User, pk=user_id), request.GET)
    return statement_csv(account, jobs_visible_to(person(request)))


@requires(Permission.MANAGE_USERS)
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def user_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /users/new"""
    gives_credit = person(request).may(Permission.ADJUST_ACCOUNTS)
    form = NewUserForm(request.POST if request.method == "POST" else None, gives_credit=gives_credit)
    if form.is_valid() and (user := form.create()) is not None:
        messages.success(request, f"{user.name} can print now.")
        return redirect("pages:user", user.pk)
    return _form(request, form, "New user", reverse("pages:users"), "Create user")


@requires(Permission.MANAGE_USERS)
@never_cache
@require_http_methods(["GET", "POST"])
def guest_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /users/new-guest: makes a guest and shows the password, this once."""
    gives_credit = person(request).may(Permission.ADJUST_ACCOUNTS)
    form = GuestForm(request.POST if request.method == "POST" else None, gives_credit=gives_credit)
    if form.is_valid() and (made := form.create()) is not None:
        return render(request, "pages/guest_made.html", {"made": made})
    return _form(request, form, "New guest", reverse("pages:users"), "Make guest")


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def user_edit(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET and POST /users/ID/edit"""
    user = get_object_or_404(User, pk=user_id)
    current = changeable(user, open_personal_account(user))
    if request.method == "POST":
        form = EditUserForm(request.POST)
        if form.is_valid() and form.save(user.pk):
            messages.success(request, f"{user.name} was saved.")
            return redirect("pages:user", user.pk)
    else:
        form = EditUserForm(initial={**current, "seen": fingerprint(current)})
    return _form(request, form, f"Edit {user.name}", reverse("pages:user", args=[user.pk]), "Save")


@requires(Permission.MANAGE_USERS)
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def user_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET and POST /users/ID/password"""
    user = get_object_or_404(User, pk=user_id)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.save(user):
        if user == person(request):
            update_session_auth_hash(request, user)
        messages.success(request, f"The password of {user.name} was changed; their other sessions have ended.")
        return redirect("pages:user", user.pk)
    return _form(
        request,
        form,
        f"Password of {user.name}",
        reverse("pages:user", args=[user.pk]),
        "Set password",
        username=user.name,
    )


@requires(Permission.ADJUST_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def user_adjust(request: HttpRequest, user_id: int) -> HttpResponse:
    """GET and POST /users/ID/adjust"""
    user = get_object_or_404(User, pk=user_id)
    account = open_personal_account(user)
    accounts = [account, *purses_to_fill(user)]
    if request.method == "POST":
        form = AdjustForm(request.POST, accounts=accounts)
        if form.is_valid() and (booked := form.book(person(request))) is not None:
            what = "balance" if booked == account else booked.title
            messages.success(request, f"The {what} of {user.name} is now {money(booked.balance)}.")
            return redirect("pages:user", user.pk)
    else:
        form = AdjustForm(initial={"key": AdjustForm.fresh_key()}, accounts=accounts)
    lead = f"The balance is {money(account.balance)}."
    back = reverse("pages:user", args=[user.pk])
    return _form(request, form, f"Adjust the balance of {user.name}", back, "Adjust balance", lead)


def _form(
    request: HttpRequest, form: forms.Form, title: str, back: str, submit: str, lead: str = "", username: str = ""
) -> HttpResponse:
    context = {"form": form, "title": title, "back": back, "submit": submit, "lead": lead, "username": username}
    return render(request, "pages/form.html", context)
