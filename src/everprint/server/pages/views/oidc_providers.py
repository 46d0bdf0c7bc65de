"""OpenID providers that people may sign in with."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from everprint.server.access.declare import requires
from everprint.server.access.permissions import Permission
from everprint.server.edits import fingerprint
from everprint.server.oidc.models import OidcIdentity, OidcProvider
from everprint.server.oidc.setting import remove_provider
from everprint.server.oidc.unlinking import unlink
from everprint.server.pages.forms.oidc import OidcProviderForm
from everprint.server.pages.views.oidc import address_back


@requires(Permission.MANAGE_SETTINGS)
@require_safe
def oidc_providers(request: HttpRequest) -> HttpResponse:
    """GET /oidc-providers"""
    rows = [
        {"provider": provider, "back": address_back(request, provider), "people": provider.identities.count()}
        for provider in OidcProvider.objects.all()
    ]
    return render(request, "pages/oidc_providers.html", {"rows": rows})


@requires(Permission.MANAGE_SETTINGS)
@sensitive_post_parameters("client_secret")
@require_http_methods(["GET", "POST"])
def oidc_provider_new(request: HttpRequest) -> HttpResponse:
    """GET and POST /oidc-providers/new"""
    form = OidcProviderForm(request.POST if request.method == "POST" else None)
    form.fields["client_secret"].help_text = "Empty if it gave none."
    if form.is_valid() and (provider := form.save(None)) is not None:
        messages.success(request, f"{provider.title} was made: tell it the address below.")
        return redirect("pages:oidc-providers")
    return _form(request, form, "New OpenID provider", "Make provider")


@requires(Permission.MANAGE_SETTINGS)
@sensitive_post_parameters("client_secret")
@require_http_methods(["GET", "POST"])
def oidc_provider_edit(request: HttpRequest, provider_id: int) -> HttpResponse:
    """GET and POST /oidc-providers/ID"""
    provider = get_object_or_404(OidcProvider, pk=provider_id)
    if request.method == "POST":
        form = OidcProviderForm(request.POST)
        if form.is_valid() and form.save(provider) is not None:
            messages.success(request, f"{form.cleaned_data['title']} was saved.")
            return redirect("pages:oidc-providers")
    else:
        current = OidcProviderForm.current(provider)
        form = OidcProviderForm(initial={**current, "seen": fingerprint(current)})
    return _form(request, form, f"Edit {provider.title}", "Save")


@requires(Permission.MANAGE_SETTINGS)
@require_POST
def oidc_provider_remove(request: HttpRequest, provider_id: int) -> HttpResponse:
    """POST /oidc-providers/ID/remove"""
    provider = get_object_or_404(OidcProvider, pk=provider_id)
    title = provider.title
    remove_provider(provider)
    messages.success(request, f"{title} was removed; the users whom it knew stay.")
    return redirect("pages:oidc-providers")


@requires(Permission.MANAGE_USERS)
@require_POST
def oidc_unlink(request: HttpRequest, user_id: int, identity_id: int) -> HttpResponse:
    """POST /users/ID/sign-ins/ID/remove"""
    identity = get_object_or_404(OidcIdentity, pk=identity_id, user=user_id)
    unlink(identity)
    messages.success(request, f"{identity.provider.title} does not know {identity.user.name} any more.")
    return redirect("pages:user", user_id=user_id)


def _form(request: HttpRequest, form: OidcProviderForm, title: str, submit: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": reverse("pages:oidc-providers"), "submit": submit}
    return render(request, "pages/form.html", context)
