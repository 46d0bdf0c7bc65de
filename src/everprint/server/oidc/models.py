"""OpenID providers that people may sign in with, and who is known to each of them. Written by this app only."""

from __future__ import annotations

from django.db import models

from everprint.server.people.models import User

NAME_CLAIM = "preferred_username"
SCOPES = "openid profile email"


class OidcProvider(models.Model):
    """An OpenID provider. Changed through oidc.setting."""

    slug = models.SlugField(max_length=40, unique=True)  # in the address that it sends people back to
    title = models.CharField(max_length=60)  # on the sign-in page
    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=255)
    client_secret = models.TextField(blank=True, default="")  # sealed; empty: a public client
    scopes = models.CharField(max_length=200, default=SCOPES)
    name_claim = models.CharField(max_length=60, default=NAME_CLAIM)  # what it says of somebody's user name
    domain = models.CharField(max_length=255, blank=True, default="")  # NAME@domain is taken as NAME, others not
    known_users = models.BooleanField(default=True)  # somebody who is here is known by the user name
    new_users = models.BooleanField(default=False)  # somebody who is not here is made a user
    for_staff = models.BooleanField(default=False)  # also who may more than print signs in with it
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("title", "pk")

    def __str__(self) -> str:
        return self.title


class OidcIdentity(models.Model):
    """Somebody as a provider knows them: by a subject that is never another's, whatever they are called."""

    provider = models.ForeignKey(OidcProvider, on_delete=models.CASCADE, related_name="identities")
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="oidc_identities")
    linked_at = models.DateTimeField()
    last_at = models.DateTimeField()  # of the last sign-in

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("provider", "subject"), name="one_user_of_an_oidc_subject"),
            models.UniqueConstraint(fields=("provider", "user"), name="one_oidc_subject_of_a_user"),
        )

    def __str__(self) -> str:
        return f"{self.subject} at {self.provider_id}"
