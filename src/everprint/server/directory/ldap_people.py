"""An LDAP server as directory: people by a filter, and the groups that they are in, also by other groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from everprint.contract.user_names import BadUserName, canonical_user_name
from everprint.server.directory.ldap_connection import Connection, Entry, WrongCredentials, connected
from everprint.server.directory.nesting import groups_of_members
from everprint.server.directory.people import DirectoryAnswer, DirectoryAway, DirectoryPerson, Problem
from everprint.server.directory_settings import ACTIVE_DIRECTORY, DirectorySettings


@dataclass(frozen=True, slots=True)
class Dialect:
    """What attributes and filters are called; `key` stays when somebody is called otherwise."""

    key: str
    name: str
    people: str
    groups: str
    member: str
    department: str
    office: str


STANDARD = Dialect(
    "entryUUID",
    "uid",
    "(&(objectClass=person)(uid=*))",
    "(|(objectClass=groupOfNames)(objectClass=posixGroup))",
    "member",
    "departmentNumber",
    "physicalDeliveryOfficeName",
)
# Of Active Directory's users, those that are not disabled (userAccountControl, bit 2).
ACTIVE = Dialect(
    "objectGUID",
    "sAMAccountName",
    "(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
    "(objectCategory=group)",
    "member",
    "department",
    "physicalDeliveryOfficeName",
)
FULL_NAME, COMMON_NAME, EMAIL = "displayName", "cn", "mail"


def dialect_of(settings: DirectorySettings) -> Dialect:
    """The names that are meant: the settings', and where they say nothing, those of the kind of server."""
    kind = ACTIVE if settings.ldap_kind == ACTIVE_DIRECTORY else STANDARD
    return Dialect(
        kind.key,
        settings.ldap_name_attribute or kind.name,
        settings.ldap_people_filter or kind.people,
        settings.ldap_group_filter or kind.groups,
        settings.ldap_member_attribute or kind.member,
        settings.ldap_department_attribute or kind.department,
        settings.ldap_office_attribute or kind.office,
    )


def ask_ldap(settings: DirectorySettings) -> DirectoryAnswer:
    """Everybody whom the filter fits, with their groups.

    Raises DirectoryAway.
    """
    dialect = dialect_of(settings)
    with _reading(settings) as connection:
        wanted = _attributes(dialect)
        entries = list(connection.search(settings.ldap_people_base, dialect.people, wanted))
        groups = _groups(connection, settings, dialect)
    problems: list[Problem] = []
    people: list[DirectoryPerson] = []
    for entry in entries:
        found = groups.get(plain_dn(entry.dn), set()) | groups.get(entry.text(dialect.name).lower(), set())
        try:
            people.append(_person(entry, dialect, found))
        except (BadUserName, ValueError) as error:
            problems.append(Problem(entry.dn, str(error)))
    return DirectoryAnswer(tuple(people), tuple(problems))


def find_in_ldap(settings: DirectorySettings, name: str) -> tuple[str, DirectoryPerson] | None:
    """The one with that user name, with the distinguished name to sign in as; without groups.

    Raises DirectoryAway.
    """
    from ldap.filter import escape_filter_chars

    dialect = dialect_of(settings)
    text = f"(&{dialect.people}({dialect.name}={escape_filter_chars(name)}))"
    with _reading(settings) as connection:
        found = list(connection.search(settings.ldap_people_base, text, _attributes(dialect)))
    people: list[tuple[str, DirectoryPerson]] = []
    for entry in found:
        try:
            person = _person(entry, dialect, set())
        except (BadUserName, ValueError):
            continue
        if person.name == name:
            people.append((entry.dn, person))
    return people[0] if len(people) == 1 else None


def is_password(settings: DirectorySettings, dn: str, password: str) -> bool:
    """Asks the directory to sign that one in. An empty password would be anonymous (RFC 4513, 5.1.2), so it is wrong.

    Raises DirectoryAway.
    """
    if not password or not dn:
        return False
    try:
        with connected(settings, dn, password):
            return True
    except WrongCredentials:
        return False


def plain_dn(dn: str) -> str:
    """A distinguished name in one spelling, to compare it."""
    import ldap
    import ldap.dn

    try:
        parts = ldap.dn.str2dn(dn)
    except ldap.DECODING_ERROR:
        return dn.lower()
    return str(ldap.dn.dn2str([[(a.lower(), v.lower(), kind) for a, v, kind in part] for part in parts]))


@contextmanager
def _reading(settings: DirectorySettings) -> Iterator[Connection]:
    """A connection as the settings' reader, whose own password is a matter of the settings if it is wrong."""
    try:
        with connected(settings) as connection:
            yield connection
    except WrongCredentials as error:
        raise DirectoryAway(f"ldap_bind_dn, ldap_bind_password: the LDAP server refuses them: {error}") from None


def _attributes(dialect: Dialect) -> list[str]:
    return [dialect.key, dialect.name, FULL_NAME, COMMON_NAME, EMAIL, dialect.department, dialect.office]


def _person(entry: Entry, dialect: Dialect, groups: Iterable[str]) -> DirectoryPerson:
    name = canonical_user_name(entry.text(dialect.name))
    keys = entry.values.get(dialect.key.lower(), ())
    if not keys:
        raise ValueError(f"{dialect.key} is missing, so nobody could tell who this is once they are renamed")
    key = keys[0].hex() if dialect.key == ACTIVE.key else keys[0].decode("ascii", "replace")
    full_name = entry.text(FULL_NAME) or entry.text(COMMON_NAME)
    return DirectoryPerson(
        key,
        name,
        full_name,
        entry.text(EMAIL),
        frozenset(groups),
        department=entry.text(dialect.department),
        office=entry.text(dialect.office),
    )


def _groups(connection: Connection, settings: DirectorySettings, dialect: Dialect) -> dict[str, set[str]]:
    """Of each member, by distinguished name or by user name, the names of the groups that are taken."""
    if not settings.ldap_group_base:
        return {}
    direct: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    wanted = {name.casefold() for name in settings.directory_groups}
    # Also by user name, as in RFC 2307.
    attributes = [COMMON_NAME, dialect.member, "memberUid"]
    for entry in connection.search(settings.ldap_group_base, dialect.groups, attributes):
        dn, name = plain_dn(entry.dn), " ".join(entry.text(COMMON_NAME).split())
        members = [*entry.values.get(dialect.member.lower(), ()), *entry.values.get("memberuid", ())]
        direct[dn] = {_member(value.decode("utf-8", "replace")) for value in members}
        if name and (not wanted or name.casefold() in wanted):
            names[dn] = name
    return {
        member: {names[group] for group in groups if group in names}
        for member, groups in groups_of_members(direct).items()
    }


def _member(value: str) -> str:
    return plain_dn(value) if "=" in value else value.strip().lower()
