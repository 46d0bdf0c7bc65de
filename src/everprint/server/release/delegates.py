"""Whom people let release their held jobs: users by name, and whoever is in a group. The job stays its owner's, who
pays for it; a delegate sees what it is called, and can let it go on, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from everprint.contract.user_names import BadUserName
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.languages import Worded
from everprint.server.languages import marked as _
from everprint.server.people.authority import check_may_change
from everprint.server.people.models import Group, User
from everprint.server.people.users import find_user
from everprint.server.release.models import Delegate

MOST_DELEGATES = 50


class BadDelegate(Worded, ValueError):
    """Somebody who cannot be a delegate; `field` is *users* or *groups*, the text says why."""

    def __init__(self, field: str, words: str, **values: object) -> None:
        super().__init__(words, **values)
        self.field = field


@dataclass(frozen=True, slots=True)
class Delegates:
    """Whom somebody named."""

    users: tuple[str, ...]
    groups: tuple[str, ...]


def delegates_of(owner: User) -> Delegates:
    """Whom the person named, by name."""
    named = Delegate.objects.filter(owner=owner)
    users = named.filter(user__isnull=False).values_list("user__name", flat=True).order_by("user__name")
    groups = named.filter(group__isnull=False).values_list("group__name", flat=True).order_by("group__name")
    return Delegates(tuple(users), tuple(groups))


def set_delegates(owner: User, users: Iterable[str], groups: Iterable[str]) -> Delegates:
    """Lets these users, and whoever is in these groups, release the person's jobs, and nobody else.

    Raises BadDelegate, BeyondOwn.
    """
    names, group_names = [*dict.fromkeys(users)], [*dict.fromkeys(groups)]
    if len(names) + len(group_names) > MOST_DELEGATES:
        raise BadDelegate("users", _("at most %(most)s users and groups can be named"), most=MOST_DELEGATES)

    def work() -> Delegates:
        check_may_change(owner)
        User.objects.select_for_update().get(pk=owner.pk)  # of two changes at once, one is after the other
        before = delegates_of(owner)
        wanted = [_user(owner, name) for name in names]
        wanted_groups = [_group(name) for name in group_names]
        Delegate.objects.filter(owner=owner).delete()
        rows = [
            *(Delegate(owner=owner, user=user) for user in dict.fromkeys(wanted)),
            *(Delegate(owner=owner, group=group) for group in dict.fromkeys(wanted_groups)),
        ]
        Delegate.objects.bulk_create(rows)
        now = delegates_of(owner)
        note("user.delegates", owner, _words(before), _words(now), name=owner.name)
        return now

    return transact(work)


def is_delegate(actor: User, owner_id: int | None) -> bool:
    """True if that person let the actor release their jobs."""
    return owner_id is not None and named_by(actor).filter(owner=owner_id).exists()


def named_by(actor: User) -> QuerySet[Delegate]:
    """What others said that lets the actor release their jobs."""
    return Delegate.objects.filter(Q(user=actor) | Q(group__members=actor)).exclude(owner=actor)


def hand_delegates_on(source: User, target: User) -> None:
    """Two people become one: who may release for whom goes with that."""
    of_target = Delegate.objects.filter(owner=target)
    mine = Delegate.objects.filter(owner=source)
    mine.exclude(user=target).exclude(user__in=of_target.exclude(user=None).values("user")).exclude(
        group__in=of_target.exclude(group=None).values("group")
    ).update(owner=target)
    Delegate.objects.filter(owner=source).delete()
    others = Delegate.objects.filter(user=source).exclude(owner=target)
    others.exclude(owner__in=Delegate.objects.filter(user=target).values("owner")).update(user=target)
    Delegate.objects.filter(user=source).delete()


def forget_delegates(user: User) -> None:
    """The person is redacted: they are nobody's delegate any more, and have none."""
    Delegate.objects.filter(Q(owner=user) | Q(user=user)).delete()


def _user(owner: User, name: str) -> User:
    try:
        user = find_user(name)
    except BadUserName:
        user = None
    if user is None or not user.is_active:
        raise BadDelegate("users", _("there is no user %(name)s"), name=name)
    if user.pk == owner.pk:
        raise BadDelegate("users", _("%(name)s releases their own jobs anyway"), name=name)
    return user


def _group(name: str) -> Group:
    group = Group.objects.filter(name__iexact=" ".join(name.split())).first()
    if group is None:
        raise BadDelegate("groups", _("there is no group %(name)s"), name=name)
    return group


def _words(said: Delegates) -> dict[str, object]:
    return {"users": ", ".join(said.users), "groups": ", ".join(said.groups)}
