"""Makes what is here as the directory is: compares, then changes, some hundred people in each transaction.

Each piece is whole in itself, so a sync that breaks off leaves nothing half: the next one does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from everprint.server.accounts.booking import lock
from everprint.server.accounts.holders import tell_print_servers
from everprint.server.accounts.models import SYSTEM_ACCOUNTS, Account, AccountKind
from everprint.server.database import transact
from everprint.server.directory.models import DirectoryEntry, DirectoryGroup
from everprint.server.directory.people import DirectoryAnswer, DirectoryPerson, Problem
from everprint.server.directory.plan import Change, Kind, KnownPerson, Plan, check_not_too_many, plan
from everprint.server.installation.settings import read_settings
from everprint.server.people import workplaces
from everprint.server.people.authority import BeyondOwn
from everprint.server.people.groups import create_group
from everprint.server.people.models import Department, FormerName, Group, Office, User
from everprint.server.people.renaming import rename_user
from everprint.server.people.users import (
    BadEmail,
    LastAdministrator,
    MergedUser,
    UserExists,
    change_active,
    change_details,
)

_AT_ONCE = 500
_LONGEST_FULL_NAME, _LONGEST_EMAIL = 200, 254
Members = User.print_groups.through


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync changed, or would."""

    read: int
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    whole: bool = True  # False: it broke off, as another server took over

    def number(self, *kinds: Kind) -> int:
        """How many changes of those kinds there are."""
        return sum(change.kind in kinds for change in self.changes)


def plan_sync(answer: DirectoryAnswer) -> Synced:
    """What sync would do now; nothing is stored."""
    made, _ = _planned(answer)
    return Synced(len(answer.people), made.changes, (*answer.problems, *made.problems))


def sync(
    answer: DirectoryAnswer,
    most_gone_percent: int,
    still_ours: Callable[[], bool] = lambda: True,
) -> Synced:
    """Makes, changes and disables people, and puts them into their groups.

    Raises TooManyGone, and then nothing was changed.
    """
    made, known = _planned(answer)
    check_not_too_many(made, known, most_gone_percent)
    problems = [*answer.problems, *made.problems]
    groups = _groups(made.groups)
    people = [change.person for change in made.changes if change.person is not None]
    places = transact(partial(_places, people))
    done: list[Change] = []
    changes = iter(made.changes)
    while piece := list(islice(changes, _AT_ONCE)):
        if not still_ours():
            return Synced(len(answer.people), tuple(done), tuple(problems), whole=False)
        piece_done, piece_problems = transact(partial(_apply, piece, groups, places))
        done += piece_done
        problems += piece_problems
    return Synced(len(answer.people), tuple(done), tuple(problems))


def add_person(person: DirectoryPerson) -> User | None:
    """The person, made now if they are not here; None if their name is another's. Groups come with the next sync."""

    def work() -> User | None:
        entry = DirectoryEntry.objects.select_related("user").filter(key=person.key).first()
        if entry is not None:
            return entry.user if entry.user.name == person.name else None
        if User.objects.filter(name=person.name).exists() or FormerName.objects.filter(name=person.name).exists():
            return None
        people = _bounded([person])
        return _make(people, _places(people))[0]

    return transact(work)


def _planned(answer: DirectoryAnswer) -> tuple[Plan, list[KnownPerson]]:
    known = list(known_people())
    mine = {person.user for person in known}
    others = {
        name: pk for pk, name in User.objects.filter(merged_into=None).values_list("pk", "name") if pk not in mine
    }
    taken = dict(FormerName.objects.values_list("name", "user_id"))
    return plan(_bounded(answer.people), known, others, taken), known


def known_people() -> Iterator[KnownPerson]:
    """Everybody here whom the directory has, or had."""
    groups: dict[int, set[str]] = {}
    ours = dict(Group.objects.filter(directory_group__isnull=False).values_list("pk", "name"))
    for user, group in Members.objects.filter(group__in=ours, user__directory_entry__isnull=False).values_list(
        "user_id", "group_id"
    ):
        groups.setdefault(user, set()).add(ours[group])
    entries = DirectoryEntry.objects.values_list(
        "user_id",
        "key",
        "user__name",
        "user__full_name",
        "user__email",
        "user__department__name",
        "user__office__name",
        "left_at",
    )
    for user, key, name, full_name, email, department, office, left_at in entries.iterator():
        yield KnownPerson(
            user,
            key,
            name,
            full_name,
            email,
            frozenset(groups.get(user, ())),
            left=left_at is not None,
            department=department or "",
            office=office or "",
        )


def _bounded(people: Sequence[DirectoryPerson]) -> list[DirectoryPerson]:
    """With texts as they are kept."""
    return [
        DirectoryPerson(
            person.key,
            person.name,
            _seen(person.full_name)[:_LONGEST_FULL_NAME],
            person.email if len(person.email) <= _LONGEST_EMAIL else "",
            person.groups,
            department=workplaces.as_kept(_seen(person.department)),
            office=workplaces.as_kept(_seen(person.office)),
        )
        for person in people
    ]


def _seen(text: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _groups(names: frozenset[str]) -> dict[str, int]:
    """The group of each name, made if there is none, and the directory's from now on."""

    def work() -> dict[str, int]:
        there = {group.name.casefold(): group for group in Group.objects.all()}
        found: dict[str, int] = {}
        for name in sorted(names):
            group = there.get(name.casefold()) or create_group(name)
            DirectoryGroup.objects.get_or_create(group=group)
            found[name] = group.pk
        return found

    return transact(work)


@dataclass(frozen=True, slots=True)
class _Places:
    """The ids of departments and offices by their names, case-folded; there is one of each that anybody is in."""

    departments: dict[str, int]
    offices: dict[str, int]

    def department_of(self, person: DirectoryPerson) -> int | None:
        return self.departments.get(person.department.casefold())

    def office_of(self, person: DirectoryPerson) -> int | None:
        return self.offices.get(person.office.casefold())


def _places(people: Sequence[DirectoryPerson]) -> _Places:
    return _Places(
        workplaces.workplaces_named(Department, {person.department for person in people}),
        workplaces.workplaces_named(Office, {person.office for person in people}),
    )


def _apply(piece: Sequence[Change], groups: dict[str, int], places: _Places) -> tuple[list[Change], list[Problem]]:
    done: list[Change] = []
    problems: list[Problem] = []
    new = {change.person.name: change for change in piece if change.kind is Kind.NEW and change.person is not None}
    # Made, or given up by somebody who was renamed or merged: jobs of that name are theirs.
    meanwhile = {*_named(User.objects.all(), new), *_named(FormerName.objects.all(), new)}
    problems += [Problem(new.pop(name).name, "this name became another's meanwhile") for name in sorted(meanwhile)]
    people = [change.person for change in new.values() if change.person is not None]
    placed = list(zip(_make(people, places), people, strict=True))
    done += new.values()
    for change in piece:
        if change.kind is Kind.NEW:
            continue
        try:
            with transaction.atomic():
                user = _change(change, places)
        except (LastAdministrator, MergedUser, UserExists, BadEmail, BeyondOwn) as error:
            problems.append(Problem(change.name, str(error)))
            continue
        done.append(change)
        if change.person is not None and (change.kind is Kind.ADOPTED or "groups" in change.after):
            placed.append((user, change.person))
    _place(placed, groups)
    return done, problems


def _named(rows: QuerySet[User] | QuerySet[FormerName], names: Collection[str]) -> list[str]:
    return list(rows.filter(name__in=list(names)).values_list("name", flat=True))


def _make(people: Sequence[DirectoryPerson], places: _Places) -> list[User]:
    """Many at once, each with their account; without a password of their own."""
    users = [
        User(
            name=person.name,
            full_name=person.full_name,
            email=person.email,
            department_id=places.department_of(person),
            office_id=places.office_of(person),
        )
        for person in people
    ]
    for user in users:
        user.set_unusable_password()
    made = User.objects.bulk_create(users)
    lock({SYSTEM_ACCOUNTS[AccountKind.FUNDING]})  # the installation's overdraft does not change meanwhile
    overdraft = read_settings().overdraft
    Account.objects.bulk_create(
        Account(owner=user, name=user.name, kind=AccountKind.PERSONAL.value, overdraft=overdraft) for user in made
    )
    DirectoryEntry.objects.bulk_create(
        DirectoryEntry(user=user, key=person.key) for user, person in zip(made, people, strict=True)
    )
    return made


def _change(change: Change, places: _Places) -> User:
    assert change.user is not None
    user = User.objects.select_for_update().get(pk=change.user)
    person = change.person
    if person is None:
        _let_go(user)
        return user
    if change.kind is Kind.ADOPTED:
        DirectoryEntry.objects.create(user=user, key=person.key)
    if user.name != person.name:
        user = rename_user(user.pk, person.name)
    full_name, email = person.full_name or user.full_name, person.email or user.email
    if (full_name, email) != (user.full_name, user.email):
        change_details(user, full_name=full_name, email=email)
    department = places.department_of(person) or user.department_id
    office = places.office_of(person) or user.office_id
    if (department, office) != (user.department_id, user.office_id):
        user.department_id, user.office_id = department, office
        user.save(update_fields=["department", "office"])
    if change.after.get("in_directory"):
        DirectoryEntry.objects.filter(user=user).update(left_at=None)
        change_active(user, True)
    return user


def _let_go(user: User) -> None:
    """Whom an administrator disabled before is not the directory's any more: coming back would not enable them."""
    entry = DirectoryEntry.objects.filter(user=user)
    if user.is_active:
        change_active(user, False)
        entry.update(left_at=timezone.now())
    else:
        entry.delete()


def _place(placed: Sequence[tuple[User, DirectoryPerson]], groups: dict[str, int]) -> None:
    """Puts people into the directory's groups that they are in, and takes them out of its others."""
    if not placed:
        return
    users = [user for user, _ in placed]
    wanted = {(user.pk, groups[name]) for user, person in placed for name in person.groups}
    ours = DirectoryGroup.objects.values_list("group_id", flat=True)
    there = {
        (user, group): pk
        for pk, user, group in Members.objects.filter(user__in=users, group__in=ours).values_list(
            "pk", "user_id", "group_id"
        )
    }
    Members.objects.filter(pk__in=[pk for pair, pk in there.items() if pair not in wanted]).delete()
    Members.objects.bulk_create(
        Members(user_id=user, group_id=group) for user, group in sorted(wanted - there.keys())
    )
    tell_print_servers(users)
