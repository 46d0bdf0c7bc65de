"""Taking links between users and providers away, and over to whom somebody was merged into."""

from __future__ import annotations

from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.oidc.models import OidcIdentity
from everprint.server.people.authority import check_may_change
from everprint.server.people.models import User


def unlink(identity: OidcIdentity) -> None:
    """The provider does not know the user any more; the next one of their name there may be linked.

    Raises BeyondOwn.
    """

    def work() -> None:
        check_may_change(identity.user)
        OidcIdentity.objects.filter(pk=identity.pk).delete()
        note(
            "user.unlink-sign-in", identity.user, {"provider": identity.provider.title}, None, name=identity.user.name
        )

    transact(work)


def hand_links_over(source: User, target: User) -> None:
    """Who signed in as the one signs in as the other, unless that one has a link with the provider."""
    has = OidcIdentity.objects.filter(user=target).values_list("provider", flat=True)
    OidcIdentity.objects.filter(user=source).exclude(provider__in=list(has)).update(user=target)
    forget_links(source)


def forget_links(user: User) -> None:
    """No provider knows them any more."""
    OidcIdentity.objects.filter(user=user).delete()
