"""Mails are written with what causes them, sent at least once under one Message-ID, and given up with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from rig.certificates import make_certificates
from rig.mail_server import PASSWORD, USER, MailServer, run_mail_server
from rig.waiting import wait_for
from tests.server.conftest import Database
from tests.server.mail.letters import a_letter, environment, use_mail
from tests.server.pages.signed_in import administrator
from tests.server.serving import server_process

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    with run_mail_server() as server:
        yield server


@pytest.fixture
def fresh(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> MailServer:
    """The mail server without mails, and this process sends to it."""
    for file in mail_server.folder.glob("*.eml"):
        file.unlink()
    mail_server.refuse("")
    use_mail(monkeypatch, mail_server.port)
    return mail_server


def let_time_pass(by: timedelta) -> None:
    """For every mail that waits."""
    from django.db.models import F

    from everprint.server.mail.models import Mail

    Mail.objects.update(waits_since=F("waits_since") - by, next_try_at=F("next_try_at") - by)


def test_a_mail_is_sent_whole_and_once(fresh: MailServer) -> None:
    from everprint.server.mail.models import Mail
    from everprint.server.mail.outbox import File, Letter, post
    from everprint.server.mail.sending import send_what_waits

    files = [
        File("sums.csv", "text/csv", b"a,b\r\n1,2\r\n"),
        File("sums.pdf", "application/pdf", b"%PDF-1.4 \x00\xff"),
    ]
    post("jurgen@bücher.example", "report", Letter("Grüße\nund mehr", "Schön.\n", "", files))
    assert send_what_waits() == "1 of 1 mails sent"
    assert send_what_waits() == ""
    (message,) = fresh.taken()
    mail = Mail.objects.get()
    assert (mail.state, mail.tries, mail.problem) == ("sent", 1, "")
    assert message["Subject"] == "Grüße und mehr"
    assert message["Message-ID"] == mail.message_id
    assert message["To"] == "jurgen@xn--bcher-kva.example"
    assert message["From"] == "Everprint <print@school.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_body().get_content().strip() == "Schön."
    assert [(part.get_filename(), part.get_payload(decode=True)) for part in message.iter_attachments()] == [
        ("sums.csv", b"a,b\r\n1,2\r\n"),
        ("sums.pdf", b"%PDF-1.4 \x00\xff"),
    ]


def test_what_is_rolled_back_was_never_written(fresh: MailServer) -> None:
    from django.db import transaction

    from everprint.server.mail.sending import send_what_waits

    with pytest.raises(KeyError), transaction.atomic():
        a_letter()
        raise KeyError
    assert send_what_waits() == ""
    assert fresh.taken() == []


def test_a_server_that_is_killed_before_it_notes_that_a_mail_was_taken_sends_it_again_under_the_same_id(
    fresh: MailServer, database: Database, tmp_path: Path
) -> None:
    from everprint.server.mail.models import Mail
    from everprint.server.schedule.models import ScheduledWork

    a_letter()
    fresh.hold()
    process = server_process(database, tmp_path / "a", environment(fresh.port))
    process.start()
    try:
        wait_for("the mail to be taken", fresh.taken)
    finally:
        process.kill()
    fresh.go_on()
    assert Mail.objects.get().state == "waiting"
    ScheduledWork.objects.update(leased_until=None)  # as when its time is over
    with server_process(database, tmp_path / "b", environment(fresh.port)):
        wait_for("the mail to be noted", lambda: Mail.objects.get().state == "sent")
    first, second = fresh.taken()
    assert first["Message-ID"] == second["Message-ID"] == Mail.objects.get().message_id


def test_a_mail_that_will_never_be_taken_is_given_up_and_the_next_one_goes(fresh: MailServer) -> None:
    from everprint.server.mail.models import Mail
    from everprint.server.mail.outbox import BadMail, send_once_more
    from everprint.server.mail.sending import send_what_waits

    fresh.refuse("550 5.1.1 No such box")
    a_letter()
    assert send_what_waits() == "0 of 1 mails sent"
    mail = Mail.objects.get()
    assert (mail.state, mail.problem) == ("given-up", "550 5.1.1 No such box")
    assert mail.ended_at is not None
    fresh.refuse("")
    send_once_more(mail.pk)
    with pytest.raises(BadMail, match="waits to be sent already"):
        send_once_more(mail.pk)
    assert send_what_waits() == "1 of 1 mails sent"
    assert Mail.objects.get().message_id == mail.message_id == fresh.taken()[0]["Message-ID"]


def test_a_mail_that_is_not_taken_now_is_tried_later_and_given_up_after_days(fresh: MailServer) -> None:
    from everprint.server.mail.models import Mail
    from everprint.server.mail.sending import GIVE_UP_AFTER, send_what_waits

    fresh.refuse("451 Come back later")
    a_letter()
    send_what_waits()
    assert send_what_waits() == ""  # it is not due
    let_time_pass(timedelta(minutes=10))
    assert send_what_waits() == "0 of 1 mails sent"
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == ("waiting", 2)
    let_time_pass(GIVE_UP_AFTER)
    send_what_waits()
    mail = Mail.objects.get()
    assert (mail.state, mail.tries, mail.problem) == ("given-up", 3, "451 Come back later")


def test_while_the_mail_server_is_away_mails_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.mail.models import Mail
    from everprint.server.mail.sending import send_what_waits
    from rig.ports import free_port

    use_mail(monkeypatch, free_port())
    a_letter("one")
    a_letter("two")
    assert send_what_waits() == "0 of 2 mails sent"
    assert [(mail.state, mail.tries) for mail in Mail.objects.all()] == [("waiting", 1), ("waiting", 1)]
    assert "Connection refused" in Mail.objects.all()[0].problem


def test_another_server_that_took_over_sends_the_rest(fresh: MailServer) -> None:
    from everprint.server.mail.models import Mail
    from everprint.server.mail.sending import send_what_waits

    a_letter("one")
    a_letter("two")
    asked = iter([True, False])
    assert send_what_waits(lambda: next(asked)) == "1 mails sent, then another server took over"
    assert Mail.objects.filter(state="waiting").count() == 1


def test_the_outbox_has_an_end_and_old_mails_are_forgotten(
    fresh: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.server.mail import outbox, sending
    from everprint.server.mail.models import Mail

    monkeypatch.setattr(outbox, "MOST_WAITING", 1)
    a_letter()
    assert outbox.post("anna@school.example", "test", outbox.Letter("Another", "")) is None
    sending.send_what_waits()
    Mail.objects.update(ended_at=Mail.objects.get().made_at - sending.KEPT)
    sending.send_what_waits()
    assert not Mail.objects.exists()


def test_without_a_mail_server_nothing_is_written() -> None:
    from everprint.server.mail.models import Mail
    from everprint.server.mail.outbox import Letter, post

    assert post("anna@school.example", "test", Letter("Hello", "")) is None
    assert not Mail.objects.exists()


def test_what_cannot_be_a_mail_is_refused(fresh: MailServer) -> None:
    from everprint.server.mail.outbox import LARGEST_ATTACHMENTS, BadMail, File, Letter, post

    with pytest.raises(BadMail, match="is not a mail address"):
        post("anna@school.example\nBcc: all@school.example", "test", Letter("Hello", ""))
    big = File("big", "application/pdf", bytes(LARGEST_ATTACHMENTS + 1))
    with pytest.raises(BadMail, match="larger than 10 MiB"):
        post("anna@school.example", "test", Letter("Hello", "", "", [big]))


@pytest.mark.parametrize(
    ("waited", "pause"),
    [(-5, 30), (0, 30), (60, 30), (600, 300), (7200, 3600), (200_000, 3600)],
)
def test_pauses_grow_with_the_wait_up_to_an_hour(waited: int, pause: int) -> None:
    from everprint.server.mail.sending import pause_after

    assert pause_after(timedelta(seconds=waited)) == timedelta(seconds=pause)


def test_a_test_mail_goes_encrypted_and_signed_in_and_says_what_is_wrong(tmp_path: Path) -> None:
    import msgspec

    from everprint.server.mail.sending import send_test_mail
    from everprint.server.mail.smtp import MailServerAway
    from everprint.server.settings import CONFIGURATION
    from tests.server.mail.letters import mail_settings

    made = make_certificates(tmp_path / "tls")
    with run_mail_server(made) as server:
        right = mail_settings(
            server.port, smtp_tls="starttls", smtp_user=USER, smtp_password=PASSWORD,
            smtp_ca_certificate=str(made.authority),
        )  # fmt: skip
        send_test_mail("it@school.example", msgspec.structs.replace(CONFIGURATION, **right))
        assert len(server.taken()) == 1
        for wrong, said in (
            ({"smtp_password": "guessed"}, "535"),
            ({"smtp_ca_certificate": ""}, "certificate verify failed"),
        ):
            with pytest.raises(MailServerAway, match=said):
                send_test_mail("it@school.example", msgspec.structs.replace(CONFIGURATION, **(right | wrong)))
        assert len(server.taken()) == 1


def test_the_page_shows_mails_and_sends_one_once_more(fresh: MailServer) -> None:
    from everprint.server.mail.models import Mail
    from everprint.server.mail.sending import send_what_waits

    fresh.refuse("550 No such box")
    a_letter("About your quota")
    send_what_waits()
    fresh.refuse("")
    a_letter("Something else")
    admin = administrator()
    shown = admin.see("/mails?text=quota&state=given-up")
    assert "About your quota" in shown
    assert "550 No such box" in shown
    assert "Something else" not in shown
    assert "No mail matches." in admin.see("/mails?text=nothing")
    mail = Mail.objects.get(subject="About your quota")
    assert "Good day." in admin.see(f"/mails/{mail.pk}")
    assert "It waits to be sent once more." in admin.send(f"/mails/{mail.pk}/send")
    assert "it waits to be sent already" in admin.send(f"/mails/{mail.pk}/send")


def test_the_settings_page_sends_a_test_mail_and_says_why_not(
    fresh: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = administrator()
    assert "took a test mail for it@school.example" in admin.send("/settings/test-mail", to=" it@school.example ")
    assert fresh.taken()[0]["Subject"].endswith("a test mail")
    fresh.refuse("550 Not from you")
    assert "not sent: 550 Not from you." in admin.send("/settings/test-mail", to="it@school.example")
    assert "nobody is not a mail address" in admin.send("/settings/test-mail", to="nobody")


def test_the_doctor_says_that_mails_do_not_leave(fresh: MailServer) -> None:
    import msgspec
    from django.utils import timezone

    from everprint.server.doctor.mail import examine_mail
    from everprint.server.mail.sending import send_what_waits
    from everprint.server.settings import CONFIGURATION
    from tests.server.mail.letters import mail_settings

    settings = msgspec.structs.replace(CONFIGURATION, **mail_settings(fresh.port))
    now = timezone.now()
    assert examine_mail(CONFIGURATION, now).found == "none is sent: there is no mail server"
    assert examine_mail(settings, now).level == "ok"
    fresh.refuse("451 Later")
    a_letter()
    send_what_waits()
    finding = examine_mail(settings, now + timedelta(hours=2))
    assert (finding.level, finding.found) == ("problem", "mails wait for more than an hour (451 Later)")
    fresh.refuse("550 Never")
    let_time_pass(timedelta(hours=1))
    send_what_waits()
    assert examine_mail(settings, now).found == "1 could not be sent this week"


def test_the_command_line_lists_mails_and_sends_one_once_more(fresh: MailServer) -> None:
    from everprint.cli.main import everprint_command
    from everprint.server.mail.models import Mail
    from everprint.server.mail.sending import send_what_waits

    a_letter("About your quota")
    send_what_waits()
    run = CliRunner().invoke
    listed = run(everprint_command, ["server", "mail", "list", "--state", "sent"])
    assert "About your quota" in listed.output, listed.output
    again = run(everprint_command, ["server", "mail", "send", str(Mail.objects.get().pk)])
    assert again.output == "It waits to be sent once more.\n"
    refused = run(everprint_command, ["server", "mail", "send", "999"])
    assert (refused.exit_code, refused.output) == (1, "Error: there is no mail 999\n")
    tested = run(everprint_command, ["server", "mail", "test", "it@school.example"])
    assert tested.output == "The mail server took a test mail for it@school.example.\n"


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"smtp_host": "mail.example"}, "mail_from"),
        ({"smtp_host": "mail.example", "mail_from": "a@b", "smtp_tls": "none", "smtp_password": "x"}, "smtp_tls"),
        ({"pages_url": "print.example"}, "pages_url"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(settings: dict[str, str], wrong: str) -> None:
    from everprint.configuration import ConfigurationError
    from everprint.server.mail_settings import MailSettings, check_mail

    with pytest.raises(ConfigurationError, match=f"^{wrong}: "):
        check_mail(MailSettings(**settings))


def test_the_api_lists_mails_and_sends_one_once_more(fresh: MailServer) -> None:
    from everprint.server.mail.sending import send_what_waits
    from tests.server.api.program import program

    a_letter("About your quota")
    admin = program()
    (waiting,) = admin.get("/mails?state=waiting&text=quota")["items"]
    assert (waiting["to"], waiting["about"], waiting["ended_at"]) == ("anna@school.example", "test", None)
    assert admin.refused("POST", f"/mails/{waiting['id']}/send") == (422, "bad-mail")
    send_what_waits()
    again = admin.done("POST", f"/mails/{waiting['id']}/send")
    assert (again["state"], again["message_id"]) == ("waiting", waiting["message_id"])
    admin.done("POST", "/mails/test", {"to": "it@school.example"})
    assert [message["To"] for message in fresh.taken()] == ["anna@school.example", "it@school.example"]


def test_mails_to_somebody_who_is_redacted_are_forgotten(fresh: MailServer) -> None:
    from everprint.server.mail.models import Mail
    from everprint.server.mail.outbox import Letter, post
    from everprint.server.people.redaction import redact_user
    from everprint.server.people.users import create_user

    anna = create_user("anna", email="anna@school.example")
    post(anna.email, "test", Letter("Hello", ""), user=anna)
    a_letter()
    redact_user(anna.pk)
    assert Mail.objects.count() == 1
