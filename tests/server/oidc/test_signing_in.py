"""Signing in with an OpenID provider: who comes in, and what no provider and no attacker gets through."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.server.api.program import program
from tests.server.oidc.openid_provider import CLIENT, SECRET, OpenidProvider, new_key, run_openid_provider
from tests.server.pages.signed_in import SignedIn, administrator

if TYPE_CHECKING:
    from django.http import HttpResponse

    from everprint.server.oidc.models import OidcProvider
    from everprint.server.people.models import User

pytestmark = pytest.mark.usefixtures("database")

BACK = "/sign-in/with/school/back"


@pytest.fixture
def school() -> Iterator[OpenidProvider]:
    with run_openid_provider() as provider:
        yield provider


def terms_of(school: OpenidProvider) -> dict[str, Any]:
    here = {"slug": "school", "title": "School", "client_id": CLIENT, "client_secret": SECRET}
    return {**here, "issuer": school.issuer}


def provider_here(school: OpenidProvider, **terms: Any) -> OidcProvider:
    from everprint.server.oidc.setting import add_provider

    usual = {
        "slug": "school",
        "title": "School",
        "issuer": school.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
    }
    return add_provider({**usual, **terms})  # type: ignore[typeddict-item]


def user(name: str = "alice", **said: Any) -> User:
    from everprint.server.people.users import create_user

    return create_user(name, **said)


class Browser:
    """One that goes to the provider and comes back."""

    def __init__(self) -> None:
        self.client = Client(SERVER_NAME="localhost")

    def leave(self, following: str = "", slug: str = "school") -> str:
        """The address at the provider."""
        answer = self.client.get(f"/sign-in/with/{slug}", {"next": following} if following else {})
        assert answer.status_code == HTTPStatus.FOUND, answer.content.decode()
        return answer.headers["Location"]

    def come_back(self, **said: str) -> HttpResponse:
        answer: HttpResponse = self.client.get(BACK, said)
        return answer

    def sign_in(self, school: OpenidProvider, following: str = "") -> str:
        """Where it is then, or why it is not in."""
        answer = self.come_back(**school.authorise(self.leave(following)))
        text = answer.content.decode()
        if answer.status_code == HTTPStatus.OK:
            found = re.search(r'http-equiv="refresh" content="0;url=([^"]*)"', text)
            assert found is not None
            return html.unescape(found[1])
        assert answer.status_code == HTTPStatus.FORBIDDEN
        found = re.search(r'role="alert">.*?<p>(.*?)</p>', text, re.DOTALL)
        assert found is not None
        return html.unescape(found[1])

    def is_in(self) -> bool:
        return bool(self.client.get("/me").status_code == HTTPStatus.OK)


def test_somebody_who_is_here_comes_in_by_the_user_name_and_later_by_the_subject(school: OpenidProvider) -> None:
    from everprint.server.audit_log.models import AuditEntry
    from everprint.server.oidc.models import OidcIdentity

    provider_here(school)
    alice = user(full_name="Alice A.")
    browser = Browser()
    assert 'href="/sign-in/with/school"' in browser.client.get("/sign-in").content.decode()
    assert browser.sign_in(school, "/me/jobs?state=held") == "/me/jobs?state=held"
    assert browser.is_in()
    assert OidcIdentity.objects.get().user == alice
    entry = AuditEntry.objects.get(action="user.link-sign-in")
    assert (entry.actor_name, entry.target_name) == ("sign-in with School", "alice")
    # Called otherwise there, and somebody else has the name: it goes by the subject.
    school.claims = {"sub": "s-1", "preferred_username": "bob"}
    user("bob")
    again = Browser()
    assert again.sign_in(school) == "/"
    assert "Alice A." in again.client.get("/me").content.decode()
    school.claims = {"sub": "s-2", "preferred_username": "alice"}
    stranger = Browser()
    assert "somebody else at School" in stranger.sign_in(school)
    assert not stranger.is_in()


def test_somebody_new_is_made_a_user_only_if_that_is_wanted(school: OpenidProvider) -> None:
    from everprint.server.oidc.models import OidcProvider
    from everprint.server.people.models import User

    provider_here(school)
    school.claims = {
        "sub": "s-1", "preferred_username": "Alice", "name": "Alice  Adams", "email": "a@example.org",
        "email_verified": True,
    }  # fmt: skip
    assert "There is no user Alice here" in Browser().sign_in(school)
    assert not User.objects.exists()
    OidcProvider.objects.update(new_users=True)
    browser = Browser()
    assert browser.sign_in(school) == "/"
    alice = User.objects.get()
    assert (alice.name, alice.full_name, alice.email) == ("alice", "Alice Adams", "a@example.org")
    assert not alice.has_usable_password()
    school.claims = {"sub": "s-2", "preferred_username": "bob", "email": "b@example.org"}
    Browser().sign_in(school)
    assert User.objects.get(name="bob").email == ""  # nobody verified it
    school.claims = {"sub": "s-3", "preferred_username": "a\x00b"}
    assert "no user name for you" in Browser().sign_in(school)


def test_who_is_here_is_not_taken_over_by_name_where_that_is_not_wanted(school: OpenidProvider) -> None:
    provider_here(school, known_users=False, new_users=True)
    user()
    assert "There is a user alice already" in Browser().sign_in(school)


def test_staff_comes_in_only_if_that_is_wanted(school: OpenidProvider) -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.oidc.models import OidcIdentity, OidcProvider
    from everprint.server.people.users import change_role

    provider_here(school)
    alice = user()
    assert Browser().sign_in(school) == "/"
    change_role(alice, Role.OPERATOR)  # linked already
    browser = Browser()
    assert "signs in with a password here" in browser.sign_in(school)
    assert not browser.is_in()
    OidcIdentity.objects.all().delete()
    assert "signs in with a password here" in Browser().sign_in(school)
    assert not OidcIdentity.objects.exists()
    OidcProvider.objects.update(for_staff=True)
    assert Browser().sign_in(school) == "/"


def test_who_is_disabled_does_not_come_in(school: OpenidProvider) -> None:
    from everprint.server.people.users import change_active

    provider_here(school)
    alice = user()
    change_active(alice, False)
    assert "is disabled" in Browser().sign_in(school)
    change_active(alice, True)
    assert Browser().sign_in(school) == "/"
    change_active(alice, False)
    assert "is disabled" in Browser().sign_in(school)


def test_names_of_a_domain_are_taken_without_it_and_others_not(school: OpenidProvider) -> None:
    provider_here(school, name_claim="email", domain="example.org")
    user()
    for claims, comes_in in (
        ({"email": "alice@example.org", "email_verified": True}, True),
        ({"email": "alice@example.org", "email_verified": False}, False),
        ({"email": "alice@example.org", "email_verified": "true"}, False),
        ({"email": "alice@evil.example", "email_verified": True}, False),
        ({"email": "alice", "email_verified": True}, False),
    ):
        school.claims = {"sub": "s-1" if comes_in else "s-2", **claims}
        assert (Browser().sign_in(school) == "/") is comes_in, claims


def test_what_the_token_does_not_say_is_asked_for_and_must_be_about_the_same_person(school: OpenidProvider) -> None:
    provider_here(school)
    user()
    school.claims = {"sub": "s-1"}
    school.more = {"sub": "s-2", "preferred_username": "alice"}
    assert "did not answer as it should" in Browser().sign_in(school)
    school.more["sub"] = "s-1"
    assert Browser().sign_in(school) == "/"
    school.offer = {"userinfo_endpoint": ""}


def test_a_second_factor_is_asked_for_all_the_same(school: OpenidProvider) -> None:
    import pyotp

    from everprint.server.people.second_factor import begin_second_factor, confirm_second_factor

    provider_here(school)
    alice = user()
    authenticator = pyotp.TOTP(begin_second_factor(alice, "Everprint").secret)
    codes = confirm_second_factor(alice, authenticator.now(), "192.0.2.1")
    browser = Browser()
    assert browser.sign_in(school, "/me/jobs") == "/sign-in/code?next=%2Fme%2Fjobs"
    assert not browser.is_in()
    answer = browser.client.post("/sign-in/code", {"code": codes[0], "next": "/me/jobs"})
    assert answer.headers["Location"] == "/me/jobs"
    assert "Sign out at School" in browser.client.post("/sign-out").content.decode()


@pytest.mark.parametrize(
    "tampered",
    [
        {"iss": "https://id.example.org"},
        {"aud": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"iat": 4_000_000_000},
        {"sub": None},
    ],
)
def test_a_token_that_is_not_for_this_attempt_opens_nothing(school: OpenidProvider, tampered: dict[str, Any]) -> None:
    provider_here(school)
    user()
    school.tampered = tampered
    browser = Browser()
    assert "did not answer as it should" in browser.sign_in(school)
    assert not browser.is_in()


def test_a_token_that_is_not_signed_with_a_published_key_opens_nothing(school: OpenidProvider) -> None:
    provider_here(school)
    user()

    def by_secret(claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET * 3), algorithms=["HS256"])

    def by_nobody(claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "none"}, claims, OctKey.import_key("x" * 32), algorithms=["none"])

    def by_another(claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "ES256", "kid": "first"}, claims, new_key("first"))

    for sign in (by_secret, by_nobody, by_another, lambda claims: "no token"):
        school.sign = sign
        browser = Browser()
        assert "did not answer as it should" in browser.sign_in(school)
        assert not browser.is_in()


def test_a_provider_that_changes_its_key_is_asked_for_it_but_not_again_and_again(school: OpenidProvider) -> None:
    provider_here(school)
    user()
    assert Browser().sign_in(school) == "/"
    asked = school.asked.count("/keys")
    assert Browser().sign_in(school) == "/"
    assert school.asked.count("/keys") == asked == 1
    school.key = new_key("second")
    assert Browser().sign_in(school) == "/"
    assert school.asked.count("/keys") == 2
    school.published, school.key = [school.key], new_key("never published")
    for _ in range(8):
        assert "did not answer" in Browser().sign_in(school)
    assert school.asked.count("/keys") <= 6  # five in a minute


def test_only_the_browser_that_began_ends_it_and_once(school: OpenidProvider) -> None:
    provider_here(school)
    user()
    browser, victim = Browser(), Browser()
    said = school.authorise(browser.leave())
    for other in (victim, Browser()):
        answer = other.come_back(**said)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert "begun elsewhere" in answer.content.decode()
        other.leave()  # has an attempt of its own, with another state
    assert browser.come_back(code=said["code"], state="x").status_code == HTTPStatus.FORBIDDEN
    browser.leave()
    said = school.authorise(browser.leave())
    assert browser.come_back(**said).status_code == HTTPStatus.OK
    assert browser.come_back(**said).status_code == HTTPStatus.FORBIDDEN


def test_an_attempt_is_for_one_provider_and_ends(school: OpenidProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.pages.views.oidc import COOKIE
    from everprint.server.sealed import unseal

    provider_here(school)
    provider_here(school, slug="other", title="Other")
    user()
    browser = Browser()
    said = school.authorise(browser.leave(slug="other"))
    assert browser.come_back(**said).status_code == HTTPStatus.FORBIDDEN
    browser.leave()
    cookie = browser.client.cookies[COOKIE]
    assert (cookie["samesite"], cookie["httponly"], cookie["path"]) == ("Lax", True, "/sign-in/with/")
    assert unseal("oidc-attempt", cookie.value, within_s=600)
    assert not unseal("oidc-attempt", cookie.value, within_s=-1)
    assert not unseal("second-factor", cookie.value)


def test_an_answer_that_names_another_issuer_is_refused(school: OpenidProvider) -> None:
    provider_here(school)
    user()
    browser = Browser()
    said = school.authorise(browser.leave())
    assert "of another provider" in browser.come_back(**said, iss="https://evil.example").content.decode()
    assert browser.come_back(**school.authorise(browser.leave()), iss=school.issuer).status_code == HTTPStatus.OK


def test_a_provider_that_says_no_or_is_away_is_told_of(school: OpenidProvider) -> None:
    provider = provider_here(school)
    browser = Browser()
    said = school.authorise(browser.leave())
    answer = browser.come_back(error="access_denied", state=said["state"])
    assert "You did not sign in at School" in answer.content.decode()
    school.codes.clear()
    assert "did not answer as it should" in browser.sign_in(
        type("Forgets", (), {"authorise": lambda _, address: {**school.authorise(address), "code": "gone"}})()
    )
    provider.issuer = "http://127.0.0.1:9"
    provider.save()
    answer = browser.client.get("/sign-in/with/school")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "cannot be asked now" in answer.content.decode()
    assert browser.client.get("/sign-in/with/nobody").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "offer",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://192.0.2.7/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "https://user:pass@id.example.org/"},
        {"jwks_uri": 7},
    ],
)
def test_a_provider_that_offers_what_cannot_be_is_not_asked(school: OpenidProvider, offer: dict[str, Any]) -> None:
    provider_here(school)
    school.offer = offer
    assert Browser().client.get("/sign-in/with/school").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_never_leads_to_another_site(school: OpenidProvider, target: str) -> None:
    provider_here(school)
    user()
    assert Browser().sign_in(school, target) == "/"


def test_signing_out_offers_to_sign_out_there(school: OpenidProvider) -> None:
    provider_here(school)
    user(password="correct horse")
    browser = Browser()
    browser.sign_in(school)
    text = browser.client.post("/sign-out").content.decode()
    assert f'href="{school.issuer}/end?client_id=everprint&amp;post_logout_redirect_uri=' in text
    assert not browser.is_in()
    browser.client.post("/sign-in", {"user_name": "alice", "password": "correct horse"})
    assert browser.client.post("/sign-out").headers["Location"] == "/sign-in"


def test_merged_people_keep_their_sign_in_and_redacted_ones_lose_it(school: OpenidProvider) -> None:
    from everprint.server.oidc.models import OidcIdentity
    from everprint.server.people.merging import merge_users
    from everprint.server.people.redaction import redact_user

    provider_here(school)
    alice, bob = user(), user("bob")
    Browser().sign_in(school)
    merge_users(alice.pk, bob.pk)
    assert OidcIdentity.objects.get().user == bob
    browser = Browser()
    assert browser.sign_in(school) == "/"
    redact_user(bob.pk)
    assert not OidcIdentity.objects.exists()


def test_an_administrator_makes_changes_unlinks_and_removes_one(school: OpenidProvider) -> None:
    from everprint.server.oidc.models import OidcIdentity, OidcProvider
    from everprint.server.oidc.setting import secret_of

    admin = administrator()
    assert "There is none." in admin.see("/oidc-providers")
    said = {
        "slug": "school",
        "title": "School",
        "issuer": school.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
    }
    assert "must be one of them" in admin.fill("/oidc-providers/new", **said, scopes="email")
    assert "begins with https://" in admin.fill("/oidc-providers/new", **{**said, "issuer": "http://id.example.org"})
    page = admin.fill("/oidc-providers/new", **said)
    assert "http://localhost/sign-in/with/school/back" in page
    provider = OidcProvider.objects.get()
    assert SECRET not in provider.client_secret
    assert SECRET not in admin.client.get(f"/oidc-providers/{provider.pk}").content.decode()
    admin.fill(f"/oidc-providers/{provider.pk}", title="The school")
    provider.refresh_from_db()
    assert (provider.title, secret_of(provider)) == ("The school", SECRET)
    alice = user()
    Browser().sign_in(school)
    assert "Signs in with The school" in admin.see(f"/users/{alice.pk}")
    admin.send(f"/users/{alice.pk}/sign-ins/{OidcIdentity.objects.get().pk}/remove")
    assert not OidcIdentity.objects.exists()
    Browser().sign_in(school)
    api = program()
    (link,) = api.get(f"/sign-ins/of/{alice.pk}")
    assert link["provider"] == "The school"
    assert api.refused("DELETE", f"/sign-ins/of/{api.user.pk}/{link['id']}")[0] == 404, "it is another person's"
    api.done("DELETE", f"/sign-ins/of/{alice.pk}/{link['id']}")
    assert api.get(f"/sign-ins/of/{alice.pk}") == []
    Browser().sign_in(school)
    # Another issuer's subjects are other people.
    admin.fill(f"/oidc-providers/{provider.pk}", issuer="https://id.example.org")
    assert not OidcIdentity.objects.exists()
    assert "was removed" in admin.send(f"/oidc-providers/{provider.pk}/remove")


def test_only_who_could_be_anybody_anyway_says_who_signs_in_so(school: OpenidProvider) -> None:
    from everprint.server.access.permissions import Permission
    from everprint.server.oidc.models import OidcProvider
    from everprint.server.people.models import OwnRole

    editor = user("editor")
    role = OwnRole.objects.create(name="Settings", permissions=[Permission.MANAGE_SETTINGS.value])
    role.users.add(editor)
    said = {"slug": "school", "title": "School", "issuer": school.issuer, "client_id": CLIENT}
    SignedIn(editor).send("/oidc-providers/new", HTTPStatus.FORBIDDEN, **said, scopes="openid", name_claim="upn")
    role.permissions = [Permission.MANAGE_SETTINGS.value, Permission.MANAGE_USERS.value]
    role.save()
    both = SignedIn(type(editor).objects.get(pk=editor.pk))
    more = {**said, "scopes": "openid", "name_claim": "upn"}
    both.send("/oidc-providers/new", HTTPStatus.FORBIDDEN, **more, for_staff="on")
    assert "was made" in both.send("/oidc-providers/new", **more)
    provider = OidcProvider.objects.get()
    OidcProvider.objects.update(for_staff=True)
    both.send(f"/oidc-providers/{provider.pk}", HTTPStatus.FORBIDDEN, **more)
    both.send(f"/oidc-providers/{provider.pk}/remove", HTTPStatus.FORBIDDEN)


def test_programs_set_providers_and_never_read_a_secret(school: OpenidProvider) -> None:
    from tests.server.api.program import program

    api = program()
    said = {
        "slug": "school",
        "title": "School",
        "issuer": school.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
    }
    made = api.done("POST", "/oidc-providers", said)
    assert made["has_secret"] is True
    assert SECRET not in str(api.get("/oidc-providers"))
    assert api.done("PATCH", f"/oidc-providers/{made['id']}", {"new_users": True})["new_users"] is True
    assert api.refused("POST", "/oidc-providers", said)[1] == "bad-oidc-provider"
    api.done("DELETE", f"/oidc-providers/{made['id']}")
    assert api.get("/oidc-providers") == []


def test_the_doctor_asks_each_provider(school: OpenidProvider) -> None:
    from everprint.server.doctor.openid import examine_openid
    from everprint.server.oidc.models import OidcProvider

    provider_here(school)
    [found] = examine_openid()
    assert (found.level, found.found) == ("ok", "School answers")
    OidcProvider.objects.update(for_staff=True)
    assert next(examine_openid()).level == "advice"
    school.offer = {"id_token_signing_alg_values_supported": ["HS256"]}
    assert "no public key" in next(examine_openid()).found
    school.offer = {"issuer": "https://evil.example"}
    assert next(examine_openid()).level == "problem"
    OidcProvider.objects.update(client_secret="sealed by another key")
    assert "another key of this server" in next(examine_openid()).found
