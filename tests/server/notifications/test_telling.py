"""People are told once of what concerns them, on their page and by mail, in their language and at their time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from everprint.contract.messages import JobAnalysed, JobHeld, JobReceived
from everprint.server.languages import Language, amount_in, language_named, moment_in, number_in
from tests.server.conftest import Database
from tests.server.mail.letters import use_mail
from tests.server.pages.signed_in import SignedIn, administrator
from tests.server.world import PrintServer, pages, summary

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def mailing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails are written; none is sent."""
    from everprint.server.notifications import mailing

    use_mail(monkeypatch, 9, pages_url="https://print.school.example/")
    from everprint.server.mail import outbox

    monkeypatch.setattr(mailing, "CONFIGURATION", outbox.CONFIGURATION)


def mails() -> list[tuple[str, str]]:
    """To whom mails were written, and their subjects."""
    from everprint.server.mail.models import Mail

    return list(Mail.objects.order_by("pk").values_list("to", "subject"))


def told(kind: str = "") -> list[str]:
    """Who was told, in order."""
    from everprint.server.notifications.models import Notice

    found = Notice.objects.order_by("pk").select_related("user")
    return [notice.user.name for notice in (found.filter(kind=kind) if kind else found)]


def give_address(name: str = "alice") -> None:
    from everprint.server.people.models import User

    User.objects.filter(name=name).update(email=f"{name}@school.example")


def operator(name: str = "oscar") -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user

    create_user(name, role=Role.OPERATOR, email=f"{name}@school.example")


def set_to(**settings: object) -> None:
    from everprint.server.installation.settings import change_settings

    change_settings(settings)


def refuse_a_job(server: PrintServer) -> None:
    """Alice prints what she cannot pay for."""
    server.ask(server.job(), pages(1000))


@pytest.fixture
def refusing(database: Database) -> PrintServer:
    server = PrintServer(queue={"over_limit": "refuse"})
    give_address()
    return server


@pytest.mark.usefixtures("mailing")
def test_somebody_whose_job_is_refused_is_told_once_why(refusing: PrintServer) -> None:
    from everprint.server.mail.models import Mail
    from everprint.server.notifications.mailing import mail_what_is_due

    job = refusing.job()
    for _ in range(2):
        refusing.ask(job, pages(1000))
    assert told() == ["alice"]
    assert mail_what_is_due() == "1 mails about notifications"
    assert mail_what_is_due() == ""
    mail = Mail.objects.get()
    assert (mail.to, mail.subject) == ("alice@school.example", "Not printed: report.pdf")
    assert "€50.00" in mail.text
    assert "https://print.school.example/me/notices" in mail.text
    assert "<p>your job report.pdf was not printed on office:</p>" in mail.html
    alice = SignedIn(refusing.user)
    assert "Messages (1 new)" in alice.see("/me")
    assert "your job report.pdf was not printed on office" in alice.see("/me/notices")
    alice.send("/me/notices/seen")
    assert "new)" not in alice.see("/me")


def test_a_refusal_that_is_rolled_back_was_never_told(refusing: PrintServer) -> None:
    from django.db import transaction

    with pytest.raises(KeyError), transaction.atomic():
        refuse_a_job(refusing)
        raise KeyError
    assert told() == []


def test_an_installation_that_does_not_want_a_kind_tells_nobody(refusing: PrintServer) -> None:
    set_to(notify_job_refused=False)
    refuse_a_job(refusing)
    assert told() == []


@pytest.mark.usefixtures("mailing")
def test_many_things_are_one_mail_and_ten_minutes_are_between_two(refusing: PrintServer) -> None:
    from everprint.server.mail.models import Mail
    from everprint.server.notifications.mailing import PAUSE, mail_what_is_due
    from everprint.server.notifications.models import Notice

    refuse_a_job(refusing)
    mail_what_is_due()
    for _ in range(3):
        refuse_a_job(refusing)
    assert mail_what_is_due() == ""
    Notice.objects.exclude(mailed_at=None).update(mailed_at=timezone.now() - PAUSE)
    assert mail_what_is_due() == "1 mails about notifications"
    assert mails()[1] == ("alice@school.example", "3 messages about printing")
    assert Mail.objects.order_by("-pk")[0].text.count("* Not printed") == 3


@pytest.mark.usefixtures("mailing")
def test_whoever_wants_no_mail_reads_it_on_the_page_alone(refusing: PrintServer) -> None:
    from everprint.server.notifications.mailing import mail_what_is_due

    alice = SignedIn(refusing.user)
    assert "Your wishes were saved." in alice.fill("/me/notifications", mail=["low-balance"], language="de")
    refuse_a_job(refusing)
    assert mail_what_is_due() == ""
    assert "Nicht gedruckt: report.pdf" in alice.see("/me/notices")


@pytest.mark.usefixtures("mailing")
def test_in_quiet_hours_only_what_is_urgent_is_mailed(refusing: PrintServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.notifications import mailing
    from everprint.server.notifications.watching import look_at_providers
    from everprint.server.providers.models import Provider

    operator("alice2")
    Provider.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
    look_at_providers()
    look_at_providers(timezone.now() + timedelta(minutes=3))
    refuse_a_job(refusing)
    monkeypatch.setattr(mailing, "is_quiet", lambda *hours: True)
    mailing.mail_what_is_due()
    assert mails() == [("alice2@school.example", "The print server north is silent")]


@pytest.mark.parametrize(
    ("hour", "from_h", "until_h", "quiet"),
    [
        (23, 22, 7, True),
        (3, 22, 7, True),
        (7, 22, 7, False),
        (21, 22, 7, False),
        (13, 12, 14, True),
        (5, 0, 0, False),
    ],
)
def test_quiet_hours_go_over_midnight(hour: int, from_h: int, until_h: int, quiet: bool) -> None:
    from everprint.server.notifications.mailing import is_quiet

    assert is_quiet(datetime(2026, 3, 2, hour, 30, tzinfo=UTC), from_h, until_h) is quiet


def test_operators_are_told_once_of_a_printer_that_stays_in_trouble() -> None:
    from everprint.contract.messages import PrinterState
    from everprint.server.notifications.watching import look_at_printers
    from everprint.server.printers.models import Printer
    from everprint.server.providers.models import Provider

    PrintServer()
    operator()
    now = timezone.now()
    Provider.objects.update(last_seen_at=now + timedelta(hours=1))
    Printer.objects.update(state=PrinterState.STOPPED.value, state_reasons=["media-jam-error"])
    assert look_at_printers(now) == 0  # it may be over in a minute
    assert look_at_printers(now + timedelta(minutes=2)) == 1
    assert look_at_printers(now + timedelta(minutes=9)) == 0
    assert told() == ["oscar"]
    Printer.objects.update(state=PrinterState.IDLE.value)
    look_at_printers(now + timedelta(minutes=10))
    Printer.objects.update(state=PrinterState.UNREACHABLE.value, state_reasons=[])
    look_at_printers(now + timedelta(minutes=20))
    look_at_printers(now + timedelta(minutes=22))
    assert told() == ["oscar", "oscar"]


def test_operators_are_told_when_a_print_server_is_silent_and_when_it_is_back() -> None:
    from everprint.server.notifications.watching import look_at_providers
    from everprint.server.providers.models import Provider

    PrintServer()
    operator()
    now = timezone.now()
    Provider.objects.update(last_seen_at=now - timedelta(hours=1))
    for minutes in (0, 2, 4):
        look_at_providers(now + timedelta(minutes=minutes))
    assert told("provider-offline") == ["oscar"]
    Provider.objects.update(last_seen_at=now + timedelta(minutes=5))
    for minutes in (5, 6):
        look_at_providers(now + timedelta(minutes=minutes))
    assert told("provider-back") == ["oscar"]


def test_whoever_prints_and_has_little_left_is_told_until_there_is_more() -> None:
    from everprint.server.accounts.holders import new_key
    from everprint.server.accounts.ledger import adjust
    from everprint.server.notifications.models import Notice
    from everprint.server.notifications.watching import look_at_balances
    from everprint.server.people.users import create_user

    server = PrintServer(credit="1.05")
    create_user("bob")  # has nothing, but prints nothing
    assert look_at_balances() == 0
    server.ask(server.job(), pages(2))
    assert [look_at_balances(), look_at_balances()] == [1, 0]
    assert told() == ["alice"]
    assert Notice.objects.get().fields["available"] == "0.95"
    adjust(server.user.account.pk, Decimal("1.00"), "more", None, new_key("test"))
    look_at_balances()
    server.ask(server.job(), pages(20))
    assert look_at_balances() == 1
    assert told() == ["alice", "alice"]


def test_a_quota_that_gives_credit_is_told_if_that_is_wanted() -> None:
    from everprint.server.people.models import Group
    from everprint.server.people.users import create_user
    from everprint.server.quotas.granting import grant_what_is_due
    from everprint.server.quotas.periods import Period
    from everprint.server.quotas.setting import QuotaTerms, add_quota

    set_to(notify_quota_renewed=True)
    group = Group.objects.create(name="Year 7")
    group.members.add(create_user("anna"))
    add_quota(group, QuotaTerms(Decimal("5.00"), Period.ONCE, timezone.localdate()))
    for _ in range(2):
        grant_what_is_due()
    assert told() == ["anna"]


def test_a_role_of_the_installation_makes_somebody_an_operator() -> None:
    from everprint.server.access.permissions import Permission
    from everprint.server.notifications.telling import holders_of
    from everprint.server.people.models import Group, OwnRole
    from everprint.server.people.users import create_user

    anna, bert, carl = (create_user(name) for name in ("anna", "bert", "carl"))
    role = OwnRole.objects.create(name="Helpers", permissions=[Permission.MANAGE_JOBS.value])
    role.users.add(anna)
    group = Group.objects.create(name="Year 7")
    group.members.add(bert, anna)
    role.groups.add(group)
    assert sorted(holders_of(Permission.MANAGE_JOBS)) == sorted([anna.pk, bert.pk])
    assert carl.pk not in holders_of(Permission.MANAGE_JOBS)


def test_every_kind_has_words_in_every_language_that_name_its_fields_only() -> None:
    from everprint.server.installation.settings import InstallationSettings
    from everprint.server.notifications.kinds import KINDS
    from everprint.server.notifications.wording import check_words, filled_in

    for kind in KINDS.values():
        assert kind.sample.keys() == kind.fields.keys()
        assert hasattr(InstallationSettings(), kind.setting)
        for language in Language:
            check_words(kind, kind.words[language])
            filled = filled_in(kind, kind.words[language], kind.sample, language)
            assert not re.search(r"[{}]", filled.subject + filled.text)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{balance}", "there is no field {balance}"),
        ("{name.__class__}", "there is no field {name.__class__}"),
        ("{name[0]}", "there is no field"),
        ("{name!r}", "there is no field {name}"),
        ("{name:>99999999}", "there is no field {name}"),
        ("{", "a brace stands around the name of a field only"),
        ("{0}", "there is no field {0}"),
        ("", "a mail has a subject and a text"),
        ("x" * 4001, "4000"),
    ],
)
def test_words_name_fields_and_nothing_else(text: str, wrong: str) -> None:
    from everprint.server.notifications.kinds import LOW_BALANCE, Words
    from everprint.server.notifications.wording import BadWords, check_words

    with pytest.raises(BadWords, match=re.escape(wrong)):
        check_words(LOW_BALANCE, Words("Hello", text))


def test_what_a_field_says_is_no_html_and_no_field() -> None:
    from everprint.server.notifications.kinds import JOB_REFUSED, Words
    from everprint.server.notifications.wording import as_html, filled_in

    fields = {"name": "<b>{job}</b>", "job": "a\nb", "printer": "p", "reason": "r"}
    filled = filled_in(JOB_REFUSED, Words("{job}", "{name}"), fields, Language.ENGLISH)
    assert (filled.subject, filled.text) == ("a b", "<b>{job}</b>")
    assert as_html(filled.text) == "<p>&lt;b&gt;{job}&lt;/b&gt;</p>\n"


def test_an_administrator_changes_words_sees_them_first_and_takes_them_back() -> None:
    from everprint.server.notifications.models import ChangedWords

    admin = administrator()
    page = "/notifications/low-balance/de"
    assert "Mein" not in admin.see("/notifications")
    assert "Sie können noch für 0,35 € drucken" in admin.see(page)
    shown = admin.fill(page, text="Nur noch {available}!", preview="yes")
    assert "Nur noch 0,35 €!" in shown
    assert not ChangedWords.objects.exists()
    assert "there is no field {money}" in admin.fill(page, text="{money}")
    assert "hold from now on" in admin.fill(page, text="Nur noch {available}!")
    assert "(changed)" in admin.see("/notifications")
    assert "Sie können noch" in admin.send(f"{page}/reset")
    admin.see("/notifications/low-balance/fr", status=404)


def test_whose_held_job_will_end_soon_is_told_once() -> None:
    from everprint.server.notifications.models import Notice
    from everprint.server.notifications.watching import look_at_held_jobs

    set_to(hold_hours=24)
    server = PrintServer(queue={"hold": True})
    job = server.job()
    server.ask(job, pages(1))
    server.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(1))), JobHeld(reason="held"))
    sent = job.submitted_at
    look_at_held_jobs(sent + timedelta(hours=21))
    assert told() == []
    for minutes in (1, 2):
        look_at_held_jobs(sent + timedelta(hours=22, minutes=minutes))
    assert told("job-expires") == ["alice"]
    assert Notice.objects.get().fields["until"] == (sent + timedelta(hours=24)).isoformat()
    server.printer.hold_hours = 1
    server.printer.save()
    look_at_held_jobs(sent + timedelta(hours=2))  # over, and so forgotten
    look_at_held_jobs(sent + timedelta(minutes=29))
    assert len(told("job-expires")) == 1
    look_at_held_jobs(sent + timedelta(minutes=31))
    assert len(told("job-expires")) == 2


def test_nobody_is_told_where_only_the_print_server_says_how_long_jobs_wait() -> None:
    from everprint.server.notifications.watching import look_at_held_jobs

    server = PrintServer(queue={"hold": True})
    job = server.job()
    server.ask(job, pages(1))
    server.report(job, JobReceived(job=job), JobHeld(reason="held"))
    assert look_at_held_jobs(job.submitted_at + timedelta(hours=71)) == 0


def test_the_api_tells_what_one_was_told_and_keeps_wishes(refusing: PrintServer) -> None:
    from everprint.server.access.permissions import Permission
    from everprint.server.api.tokens import make_token
    from tests.server.api.program import Program, program

    refuse_a_job(refusing)
    alice = Program(refusing.user, make_token(refusing.user, "test", [Permission.USE_OWN]).text)
    assert [notice["subject"] for notice in alice.get("/me/notices")["items"]] == ["Not printed: report.pdf"]
    alice.done("PUT", "/me/notices/seen")
    assert alice.get("/me/notices")["items"][0]["seen"] is True
    wished = alice.done("PUT", "/me/wishes", {"language": "de", "no_mail": ["job-refused"]})
    assert wished == {
        "language": "de",
        "mail": {"low-balance": True, "job-refused": False, "job-expires": True, "quota-renewed": True},
    }  # fmt: skip
    assert alice.refused("PUT", "/me/wishes", {"no_mail": ["spam"]}) == (422, "no-such-kind")
    admin = program()
    path = "/notifications/low-balance/en"
    assert admin.refused("PUT", path, {"subject": "Low", "text": "{secret}"}) == (422, "bad-words")
    assert admin.done("PUT", path, {"subject": "Low", "text": "{available} left"})["changed"] is True
    admin.done("DELETE", path)
    assert not any(row["changed"] for row in admin.get("/notifications"))


@pytest.mark.parametrize(
    ("amount", "english", "german"),
    [
        ("1234.50", "€1,234.50", "1.234,50\u00a0€"),
        ("-0.045", "\N{MINUS SIGN}€0.045", "\N{MINUS SIGN}0,045\u00a0€"),
        ("99999999999999.9999", "€99,999,999,999,999.9999", "99.999.999.999.999,9999\u00a0€"),
    ],
)
def test_money_reads_exactly_in_each_language(amount: str, english: str, german: str) -> None:
    assert amount_in(Language.ENGLISH, Decimal(amount), "EUR", 2) == english
    assert amount_in(Language.GERMAN, Decimal(amount), "EUR", 2) == german


def test_other_currencies_numbers_and_moments_read_in_each_language() -> None:
    assert amount_in(Language.GERMAN, Decimal("5"), "CHF", 2) == "5,00\u00a0CHF"
    assert (number_in(Language.ENGLISH, 12345), number_in(Language.GERMAN, 12345)) == ("12,345", "12.345")
    at = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    assert (moment_in(Language.ENGLISH, at), moment_in(Language.GERMAN, at)) == (
        "2026-03-02 09:05",
        "02.03.2026 09:05",
    )
    assert [language_named(code) for code in ("de-AT", "DE", "fr", "")] == ["de", "de", "en", "en"]


def test_notices_of_somebody_who_is_redacted_are_forgotten(refusing: PrintServer) -> None:
    from everprint.server.people.redaction import redact_user

    refuse_a_job(refusing)
    redact_user(refusing.user.pk)
    assert told() == []


@pytest.mark.usefixtures("mailing")
def test_old_notices_are_forgotten_and_stale_ones_not_mailed(refusing: PrintServer) -> None:
    from everprint.server.notifications.mailing import KEPT, STALE, mail_what_is_due
    from everprint.server.notifications.models import Notice

    refuse_a_job(refusing)
    Notice.objects.update(at=timezone.now() - STALE)
    assert mail_what_is_due() == ""
    Notice.objects.update(at=timezone.now() - KEPT)
    mail_what_is_due()
    assert told() == []
