"""Print groups: the list, and who belongs to one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.contract.user_names import BadUserName
from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.pages.listing import Column, arrange
from everprint.server.pages.live import render_live
from everprint.server.people.groups import GroupExists, add_member, create_group, remove_group, remove_member
from everprint.server.people.models import Group, User
from everprint.server.people.users import find_user

COLUMNS = (Column("name", "Group", "name"), Column("members", "Members", "member_count", number=True))
MEMBER_COLUMNS = (
    Column("name", "User", "name"),
    Column("full_name", "Full name", "full_name"),
    Column("balance", "Balance", "account__balance", number=True),
)


class NewGroupForm(ProblemForm):
    """A new group."""

    name = forms.CharField(
        label="Name", max_length=128, help_text="A class, a department, a year.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )  # fmt: skip

    def create(self) -> Group | None:
        """The new group; None, with an error on the field, if the name is taken."""
        try:
            return create_group(self.cleaned_data["name"])
        except GroupExists as error:
            self.add_error("name", str(error))
        return None


class MemberForm(ProblemForm):
    """A user to add to a group."""

    user = forms.CharField(label="User name", max_length=512, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def clean_user(self) -> User:
        """The user with that name, in any spelling."""
        try:
            found = find_user(self.cleaned_data["user"])
        except BadUserName as error:
            raise forms.ValidationError(str(error)) from error
        if found is None:
            raise forms.ValidationError("There is no user with that name.")
        return found


@requires(Permission.VIEW_USERS)
@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    """GET /groups"""
    found = Group.objects.annotate(member_count=Count("members"))
    listing = arrange(found, COLUMNS, request.GET, default="name")
    return render_live(request, "pages/groups.html", "pages/groups_live.html", {"listing": listing})


@requires(Permission.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def group_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /groups/new"""
    form = NewGroupForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (group := form.create()) is not None:
        messages.success(request, f"{group.name} was made. Add its members.")
        return redirect("pages:group", group.pk)
    context = {"form": form, "title": "New group", "back": reverse("pages:groups"), "submit": "Make group"}
    return render(request, "pages/form.html", context)


@requires(Permission.VIEW_USERS)
@require_safe
def group_page(request: HttpRequest, group_id: int) -> HttpResponse:
    """GET /groups/ID"""
    return _group_page(request, get_object_or_404(Group, pk=group_id), MemberForm())


@requires(Permission.MANAGE_USERS)
@require_POST
def member_add(request: HttpRequest, group_id: int) -> HttpResponse:
    """POST /groups/ID/add"""
    group = get_object_or_404(Group, pk=group_id)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _group_page(request, group, form)
    user: User = form.cleaned_data["user"]
    add_member(group, user)
    messages.success(request, f"{user.name} belongs to {group.name} now.")
    return redirect("pages:group", group.pk)


@requires(Permission.MANAGE_USERS)
@require_POST
def member_remove(request: HttpRequest, group_id: int, user_id: int) -> HttpResponse:
    """POST /groups/ID/remove/USER"""
    group = get_object_or_404(Group, pk=group_id)
    user = get_object_or_404(User, pk=user_id)
    remove_member(group, user)
    messages.success(request, f"{user.name} no longer belongs to {group.name}.")
    return redirect("pages:group", group.pk)


@requires(Permission.MANAGE_USERS)
@require_POST
def group_remove(request: HttpRequest, group_id: int) -> HttpResponse:
    """POST /groups/ID/remove"""
    group = get_object_or_404(Group, pk=group_id)
    remove_group(group)
    messages.success(request, f"{group.name} was removed; its members stay users.")
    return redirect("pages:groups")


def _group_page(request: HttpRequest, group: Group, form: MemberForm) -> HttpResponse:
    members = User.objects.filter(print_groups=group).select_related("account")
    listing = arrange(members, MEMBER_COLUMNS, request.GET, default="name")
    return render(request, "pages/group.html", {"group": group, "listing": listing, "form": form})
