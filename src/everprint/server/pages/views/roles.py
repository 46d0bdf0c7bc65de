"""Roles: the built-in three, and those that this installation made."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import ROLE_PERMISSIONS, Permission
from everprint.server.access.wording import WORDS
from everprint.server.edits import fingerprint
from everprint.server.pages.forms.roles import RoleForm
from everprint.server.pages.person import person
from everprint.server.people.models import OwnRole
from everprint.server.people.roles import remove_role, settable


@requires(Permission.VIEW_USERS)
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """GET /roles"""
    built_in = [(role.value, [WORDS[item] for item in sorted(may)]) for role, may in ROLE_PERMISSIONS.items()]
    own = [
        (role, [WORDS[item] for item in Permission if item.value in role.permissions])
        for role in OwnRole.objects.prefetch_related("users", "groups")
    ]
    return render(request, "pages/roles.html", {"built_in": built_in, "own": own})


@requires(Permission.MANAGE_ROLES)
@require_http_methods(["GET", "POST"])
def role_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /roles/new"""
    form = RoleForm(person(request), request.POST if request.method == "POST" else None)
    if form.is_valid() and (role := form.save(None)) is not None:
        messages.success(request, f"{role.name} was made.")
        return redirect("pages:roles")
    return _form(request, form, "New role", "Make role")


@requires(Permission.MANAGE_ROLES)
@require_http_methods(["GET", "POST"])
def role_edit(request: HttpRequest, role_id: int) -> HttpResponse:
    """GET and POST /roles/ID"""
    role = get_object_or_404(OwnRole, pk=role_id)
    if request.method == "POST":
        form = RoleForm(person(request), request.POST)
        if form.is_valid() and form.save(role) is not None:
            messages.success(request, f"{form.cleaned_data['name']} was saved.")
            return redirect("pages:roles")
    else:
        initial = {**RoleForm.current(role), "seen": fingerprint(settable(role))}
        form = RoleForm(person(request), initial=initial)
    return _form(request, form, f"Role {role.name}", "Save")


@requires(Permission.MANAGE_ROLES)
@require_POST
def role_remove(request: HttpRequest, role_id: int) -> HttpResponse:
    """POST /roles/ID/remove"""
    role = get_object_or_404(OwnRole, pk=role_id)
    name = role.name
    remove_role(role)
    messages.success(request, f"{name} was removed; nobody has it any more.")
    return redirect("pages:roles")


def _form(request: HttpRequest, form: RoleForm, title: str, submit: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": reverse("pages:roles"), "submit": submit}
    return render(request, "pages/form.html", context)
