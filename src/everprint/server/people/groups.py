"""Making and removing print groups, and who belongs to them. Whoever calls this has checked that the actor may."""

from __future__ import annotations

from everprint.server.accounts.holders import tell_print_servers
from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.people.authority import check_may_join
from everprint.server.people.models import Group, User

LONGEST_NAME = 128


class GroupExists(Exception):
    """The name is taken, in some case of its letters."""


def create_group(name: str) -> Group:
    """A new group without members.

    Raises GroupExists.
    """
    name = " ".join(name.split())

    def work() -> Group:
        if Group.objects.filter(name__iexact=name).exists():
            raise GroupExists(f"There is already a group called {name}.")
        group = Group.objects.create(name=name)
        note("group.make", group)
        return group

    return transact(work)


def add_member(group: Group, user: User) -> None:
    """Lets the user belong to the group; once more changes nothing.

    Raises BeyondOwn if the group has roles that the actor may not give.
    """

    def work() -> None:
        known = group.members.filter(pk=user.pk).exists()
        check_may_join([group])
        group.members.add(user)
        tell_print_servers([user])
        note("group.add", group, {"member": user.name if known else None}, {"member": user.name})

    transact(work)


def remove_member(group: Group, user: User) -> None:
    """Ends that the user belongs to the group."""

    def work() -> None:
        known = group.members.filter(pk=user.pk).exists()
        group.members.remove(user)
        tell_print_servers([user])
        note("group.remove", group, {"member": user.name if known else None}, {"member": None})

    transact(work)


def remove_group(group: Group) -> None:
    """Removes the group; its members stay users."""

    def work() -> None:
        note("group.end", group, {"members": [member.name for member in group.members.all()]})
        tell_print_servers(group.members.all())
        group.delete()

    transact(work)
