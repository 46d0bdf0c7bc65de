"""A real LDAP server as directory: nested groups, sign-in with the password there, and the first job of a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import msgspec
import pytest

from everprint.contract.messages import Authorise, Hold, Print, Refuse
from everprint.server.directory.people import DirectoryAway
from everprint.server.directory_settings import DirectorySettings
from rig.slapd import PASSWORD, READER, SUFFIX, Slapd, group, person, run_slapd
from tests.server.pages.signed_in import SignedIn
from tests.server.serving import serve_here
from tests.server.world import PrintServer, pages, summary, terms

LDIF = "".join(
    (
        person("alice", "Alice Adams", "correct horse"),
        person("bob", "Bob Blue", "battery staple", departmentNumber="Physics", roomNumber="4.17"),
        person("carol", "Carol Cook (x)*"),
        group("Year 12", ("alice",), ("Circle",)),
        group("School", ("bob",), ("Year 12",)),
        group("Circle", (), ("School",)),
        group("Hidden", ("alice", "bob")),
    )
)


@pytest.fixture(scope="module")
def slapd() -> Iterator[Slapd]:
    with run_slapd(LDIF) as running:
        yield running


@pytest.fixture
def settings(slapd: Slapd) -> DirectorySettings:
    return settings_of(slapd)


def settings_of(slapd: Slapd) -> DirectorySettings:
    """How that server is asked."""
    return DirectorySettings(
        directory="ldap",
        ldap_url=slapd.url,
        ldap_bind_dn=READER,
        ldap_bind_password=PASSWORD,
        ldap_people_base=f"ou=people,{SUFFIX}",
        ldap_group_base=f"ou=groups,{SUFFIX}",
    )


@pytest.fixture
def in_use(database: object, settings: DirectorySettings, monkeypatch: pytest.MonkeyPatch) -> DirectorySettings:
    """The server has that directory."""
    from everprint.server.directory import signing_in

    said = {key: getattr(settings, key) for key in settings.__struct_fields__}
    monkeypatch.setattr(signing_in, "CONFIGURATION", msgspec.structs.replace(signing_in.CONFIGURATION, **said))
    return settings


def test_people_are_in_the_groups_above_their_own_also_where_groups_are_in_each_other(
    settings: DirectorySettings,
) -> None:
    from everprint.server.directory.ldap_people import ask_ldap

    answer = ask_ldap(settings)
    found = {one.name: one for one in answer.people}
    assert found["alice"].groups == {"Year 12", "School", "Circle", "Hidden"}
    assert found["bob"].groups == {"School", "Year 12", "Circle", "Hidden"}
    assert (found["carol"].full_name, found["carol"].email) == ("Carol Cook (x)*", "carol@example.org")
    assert len({one.key for one in answer.people}) == 3
    assert {(one.department, one.office) for one in (found["bob"], found["alice"])} == {("Physics", ""), ("", "")}
    rooms = msgspec.structs.replace(settings, ldap_office_attribute="roomNumber", ldap_department_attribute="mail")
    bob = next(one for one in ask_ldap(rooms).people if one.name == "bob")
    assert (bob.department, bob.office) == ("bob@example.org", "4.17")
    some = msgspec.structs.replace(settings, directory_groups=["school"])
    assert {one.name: one.groups for one in ask_ldap(some).people}["alice"] == {"School"}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"ldap_bind_password": "wrong"}, "ldap_bind_password"),
        ({"ldap_url": "ldap://127.0.0.1:9"}, "127.0.0.1:9"),
        ({"ldap_people_base": "ou=nowhere,dc=example,dc=org"}, "No such object"),
        ({"ldap_people_filter": "(uid="}, "filter"),
        ({"ldap_start_tls": True}, "ldap://127"),
    ],
)
def test_a_directory_that_cannot_be_asked_says_why(
    settings: DirectorySettings, changed: dict[str, object], says: str
) -> None:
    from everprint.server.directory.ldap_people import ask_ldap

    with pytest.raises(DirectoryAway, match=says):
        ask_ldap(msgspec.structs.replace(settings, **changed))


def test_the_next_server_is_asked_where_one_is_away(settings: DirectorySettings) -> None:
    from everprint.server.directory.ldap_people import ask_ldap

    both = msgspec.structs.replace(settings, ldap_url=f"ldap://127.0.0.1:9 {settings.ldap_url}")
    assert len(ask_ldap(both).people) == 3


@pytest.mark.usefixtures("in_use")
def test_people_sign_in_with_their_password_of_the_directory_before_any_sync() -> None:
    from everprint.server.people.models import User
    from everprint.server.people.sign_in import sign_in

    for password in ("", "wrong", "battery staple"):
        assert sign_in("alice", password, "203.0.113.1") is None
    found = sign_in("Alice", "correct horse", "203.0.113.2")
    assert found is not None
    assert (found.name, found.full_name) == ("alice", "Alice Adams")
    for name in ("*", "a*", "alice)(uid=*", "eve"):
        assert sign_in(name, "correct horse", "203.0.113.3") is None
    assert set(User.objects.values_list("name", flat=True)) == {"alice"}


@pytest.mark.usefixtures("in_use")
def test_who_signs_in_by_the_directory_makes_no_password_here() -> None:
    from everprint.server.people.sign_in import sign_in

    bob = sign_in("bob", "battery staple", "203.0.113.8")
    assert bob is not None
    said = {"old": "battery staple", "password": "another secret", "again": "another secret"}
    assert "kept in the directory" in SignedIn(bob).fill("/me/password", **said)
    bob.refresh_from_db()
    assert not bob.has_usable_password()


@pytest.mark.usefixtures("in_use")
def test_who_has_a_password_here_signs_in_with_that_alone() -> None:
    from everprint.server.people.sign_in import sign_in
    from everprint.server.people.users import create_user

    create_user("bob", password="a local secret")
    assert sign_in("bob", "battery staple", "203.0.113.4") is None
    assert sign_in("bob", "a local secret", "203.0.113.5") is not None


@pytest.mark.usefixtures("in_use")
def test_a_user_who_is_not_the_directorys_is_not_signed_in_by_their_namesake_there() -> None:
    from everprint.server.people.sign_in import sign_in
    from everprint.server.people.users import create_user

    create_user("bob")
    assert sign_in("bob", "battery staple", "203.0.113.6") is None


def test_a_sign_in_does_not_hang_on_a_directory_that_is_away(
    in_use: DirectorySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.server.directory import signing_in
    from everprint.server.people.sign_in import sign_in

    away = msgspec.structs.replace(signing_in.CONFIGURATION, ldap_url="ldap://127.0.0.1:9")
    monkeypatch.setattr(signing_in, "CONFIGURATION", away)
    assert sign_in("alice", "correct horse", "203.0.113.7") is None


@pytest.mark.usefixtures("in_use")
def test_a_print_server_is_answered_after_the_directory_was_asked() -> None:
    from everprint.server.people.models import User

    site = PrintServer(queue={"hold": True})
    answers = []
    with serve_here(create_users_on_first_print=False, directory="ldap") as url:
        for name in ("bob", "eve"):
            question = Authorise(job=site.job(user_name=name), document=summary(pages(grey=1)), attempt=1)
            headers = {"Authorization": f"Bearer {site.credential}", "Everprint-Contract": "1"}
            body = msgspec.json.encode(question)
            answer = httpx.post(f"{url}/contract/authorise", content=body, headers=headers, timeout=60)
            answers.append(type(msgspec.json.decode(answer.content, type=Print | Hold | Refuse)))
    assert answers == [Hold, Refuse]
    assert set(User.objects.values_list("name", flat=True)) == {"alice", "bob"}


@pytest.mark.usefixtures("in_use")
def test_where_nobody_is_made_at_the_first_job_the_directory_is_asked() -> None:
    from everprint.server.directory.signing_in import make_known
    from everprint.server.jobs.decide import decide
    from everprint.server.jobs.owner import NewUsers, NotHereYet

    site = PrintServer(queue={"hold": True})
    asking = replace(terms(), new_users=NewUsers(ask_directory=True))
    of_bob, of_eve = (
        Authorise(job=site.job(user_name=name), document=summary(pages(grey=1)), attempt=1) for name in ("bob", "eve")
    )
    for question in (of_bob, of_eve):
        with pytest.raises(NotHereYet):
            decide(site.provider.pk, question, asking)
    assert (make_known("bob") is not None, make_known("eve") is not None) == (True, False)
    assert isinstance(decide(site.provider.pk, of_bob, asking), Hold)
    assert isinstance(decide(site.provider.pk, of_eve, terms()), Refuse)
