"""50,000 people and nested groups of a real LDAP server: all of them at first, and then one in a hundred."""

from __future__ import annotations

from dataclasses import replace

import pytest

from everprint.server.directory_settings import DirectorySettings
from rig.slapd import PASSWORD, READER, SUFFIX, group, person, run_slapd
from tests.server.world import audit_is_clean

PEOPLE = 50_000
CLASS = 500  # people in a class; twenty classes are a year, all years the school
CLASSES = PEOPLE // CLASS


def entries() -> str:
    """The LDIF."""
    names = [f"user{number:05}" for number in range(PEOPLE)]
    lines = [person(name, f"Person {name}") for name in names]
    classes = [f"Class {number:03}" for number in range(CLASSES)]
    years = [f"Year {number}" for number in range(CLASSES // 20)]
    lines += [group(one, tuple(names[at * CLASS : (at + 1) * CLASS])) for at, one in enumerate(classes)]
    lines += [group(one, (), tuple(classes[at * 20 : (at + 1) * 20])) for at, one in enumerate(years)]
    return "".join([*lines, group("School", (), tuple(years))])


@pytest.mark.usefixtures("database")
def test_fifty_thousand_people_of_nested_groups_are_synced_and_then_what_changed() -> None:
    from everprint.server.accounts.models import Account
    from everprint.server.directory.ldap_people import ask_ldap
    from everprint.server.directory.plan import Kind
    from everprint.server.directory.sync import plan_sync, sync
    from everprint.server.people.models import Group, User

    with run_slapd(entries()) as slapd:
        settings = DirectorySettings(
            directory="ldap",
            ldap_url=slapd.url,
            ldap_bind_dn=READER,
            ldap_bind_password=PASSWORD,
            ldap_people_base=f"ou=people,{SUFFIX}",
            ldap_group_base=f"ou=groups,{SUFFIX}",
        )
        answer = ask_ldap(settings)
    assert (len(answer.people), answer.problems) == (PEOPLE, ())
    assert answer.people[0].groups == {"Class 000", "Year 0", "School"}
    sync(answer, most_gone_percent=10)
    assert Account.objects.filter(owner__directory_entry__isnull=False).count() == PEOPLE
    assert Group.objects.get(name="School").members.count() == PEOPLE
    assert Group.objects.get(name="Year 1").members.count() == 20 * CLASS
    assert plan_sync(answer).changes == ()
    audit_is_clean()

    gone, others = answer.people[: PEOPLE // 200], answer.people[PEOPLE // 200 :]
    moved = [replace(one, full_name="Otherwise", groups=frozenset({"School"})) for one in others[: PEOPLE // 200]]
    later = replace(answer, people=(*moved, *others[len(moved) :]))
    done = sync(later, most_gone_percent=10)
    assert (done.number(Kind.CHANGED), done.number(Kind.GONE), done.problems) == (len(moved), len(gone), ())
    assert User.objects.filter(is_active=True, full_name="Otherwise").count() == len(moved)
    assert Group.objects.get(name="Class 000").members.count() == len(gone)
    assert plan_sync(later).changes == ()
