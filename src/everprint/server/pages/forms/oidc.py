"""The form of an OpenID provider."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from everprint.server.edits import EditedMeanwhile
from everprint.server.oidc.models import NAME_CLAIM, SCOPES, OidcProvider
from everprint.server.oidc.setting import BadOidcProvider, ProviderTerms, add_provider, change_provider, settable
from everprint.server.pages.forms.edit import EditForm

_TEXT = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"})


class OidcProviderForm(EditForm):
    """A provider, new or old; its secret is never shown again."""

    title = forms.CharField(label="Name", max_length=60, help_text="People see it: Sign in with NAME.", widget=_TEXT)
    slug = forms.CharField(
        label="Short name", max_length=40, help_text="In the address that it sends people back to, such as school.",
        widget=_TEXT,
    )  # fmt: skip
    issuer = forms.CharField(
        label="Issuer", max_length=300, widget=_TEXT,
        help_text="As the provider writes it, with https://; the rest is found out from there.",
    )  # fmt: skip
    client_id = forms.CharField(
        label="Client ID", max_length=255, help_text="What it calls this server.", widget=_TEXT
    )
    client_secret = forms.CharField(
        label="Client secret", max_length=1000, required=False, strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}), help_text="Empty: the one that is kept.",
    )  # fmt: skip
    scopes = forms.CharField(label="Scopes", max_length=200, initial=SCOPES, widget=_TEXT)
    name_claim = forms.CharField(
        label="Claim with the user name", max_length=60, initial=NAME_CLAIM, widget=_TEXT,
        help_text="One that people cannot change themselves there. An email counts if it is verified.",
    )  # fmt: skip
    domain = forms.CharField(
        label="Domain", max_length=255, required=False, widget=_TEXT,
        help_text="If set, NAME@domain is the user NAME, and others do not come in.",
    )  # fmt: skip
    known_users = forms.BooleanField(
        label="Who is here already is known by the user name", required=False, initial=True
    )
    new_users = forms.BooleanField(label="Who is not here yet is made a user", required=False)
    for_staff = forms.BooleanField(
        label="Who may more than print signs in with it too", required=False,
        help_text="Then whoever runs the provider can be anybody here.",
    )  # fmt: skip
    is_active = forms.BooleanField(label="In use", required=False, initial=True)

    @staticmethod
    def current(provider: OidcProvider) -> dict[str, object]:
        """What is stored, but for the secret."""
        return settable(provider)

    def save(self, provider: OidcProvider | None) -> OidcProvider | None:
        """Makes or changes it; None, with an error on the form, if it cannot be."""
        said: dict[str, Any] = {name: self.cleaned_data[name] for name in ProviderTerms.__annotations__}
        if provider is not None and not said["client_secret"]:
            del said["client_secret"]
        terms = cast(ProviderTerms, said)
        try:
            if provider is None:
                return add_provider(terms)
            return change_provider(provider.pk, terms, self.cleaned_data["seen"])
        except BadOidcProvider as error:
            self.add_error(error.part if error.part in self.fields else None, f"{error.why}.")
        except EditedMeanwhile as edited:
            self.tell_edited(edited.current)
        return None
