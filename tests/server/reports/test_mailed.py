"""Saved reports are mailed by the calendar: each day once, and a missed one once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from everprint.server.reports.mail_plan import Every, last_due
from tests.server.api.program import program
from tests.server.conftest import Database
from tests.server.mail.letters import use_mail
from tests.server.pages.signed_in import administrator
from tests.server.world import NOON, PrintServer, pages

pytestmark = pytest.mark.usefixtures("database")

MORNING = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # the Monday after NOON


@pytest.fixture(autouse=True)
def mailing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails are written; none is sent."""
    use_mail(monkeypatch, 9)


@pytest.fixture
def mail(database: Database) -> object:
    """Yesterday's users, every day from 6 o'clock on, as CSV; the last one was for NOON's day."""
    from everprint.contract.job_life import JobState
    from everprint.contract.messages import JobFinished
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user
    from everprint.server.reports.asked import AskedReport
    from everprint.server.reports.mailed import Form, MailTerms, schedule_report
    from everprint.server.reports.periods import Named
    from everprint.server.reports.saved import save_report

    server = PrintServer()
    job = server.job()
    server.ask(job, pages(3, 1))
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(3, 1), reason=""))
    boss = create_user("boss", role=Role.ADMINISTRATOR)
    saved = save_report("Who printed", AskedReport("users", Named.YESTERDAY), boss)
    terms = MailTerms(Every.DAY, 6, Form.CSV, ["a@school.example", "b@school.example", "a@school.example"])
    made = schedule_report(saved, terms, boss)
    made.sent_for = NOON.date()
    made.save()
    return made


def mails() -> list[tuple[str, str]]:
    from everprint.server.mail.models import Mail

    return list(Mail.objects.order_by("pk").values_list("to", "subject"))


@pytest.mark.usefixtures("mail")
def test_a_report_is_mailed_once_on_its_day_to_everybody() -> None:
    from everprint.server.mail.models import Attachment
    from everprint.server.reports.mailed import mail_due_reports

    assert mail_due_reports(now=MORNING - timedelta(hours=1)) == ""
    assert mail_due_reports(now=MORNING) == "1 reports mailed"
    assert mail_due_reports(now=MORNING) == ""
    subject = "Who printed: 2026-11-22"
    assert mails() == [("a@school.example", subject), ("b@school.example", subject)]
    file = Attachment.objects.all()[0]
    assert (file.name, file.media_type) == ("users-2026-11-22.csv", "text/csv")
    assert "alice,1,4,1,25.0" in bytes(file.octets).decode("utf-8-sig")


@pytest.mark.usefixtures("mail")
def test_days_that_were_missed_are_made_up_for_once() -> None:
    from everprint.server.reports.mailed import mail_due_reports

    assert mail_due_reports(now=MORNING + timedelta(days=5)) == "1 reports mailed"
    assert mail_due_reports(now=MORNING + timedelta(days=5, hours=3)) == ""
    assert mails()[0][1] == "Who printed: 2026-11-27"


@pytest.mark.usefixtures("mail")
def test_another_server_that_has_the_work_does_it() -> None:
    from everprint.server.reports.mailed import mail_due_reports

    assert mail_due_reports(lambda: False, MORNING) == ""
    assert mails() == []


@pytest.mark.usefixtures("mail")
def test_nothing_is_mailed_for_somebody_who_may_not_see_reports_any_more() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.models import User
    from everprint.server.reports.mailed import mail_due_reports

    User.objects.filter(name="boss").update(role=Role.USER.value)
    assert mail_due_reports(now=MORNING) == ""
    assert mails() == []
    assert "not sent" in administrator().see("/reports")


def test_the_pages_and_the_api_schedule_and_end_it(mail: object) -> None:
    from everprint.server.mail.models import Attachment
    from everprint.server.reports.mailed import mail_due_reports
    from everprint.server.reports.models import ReportMail, SavedReport

    ReportMail.objects.all().delete()
    saved = SavedReport.objects.get()
    admin, api = administrator(), program()
    page = f"/reports/saved/{saved.pk}/mail"
    wrong = admin.fill(page, every="week", form="pdf", recipients="nobody")
    assert "nobody is not a mail address" in wrong
    many = " ".join(f"u{number}@school.example" for number in range(21))
    assert "say 1 to 20 addresses" in admin.fill(page, every="week", form="pdf", recipients=many)
    admin.fill(page, every="week", form="pdf", recipients="a@school.example, b@school.example")
    (listed,) = api.get("/report-mails")
    assert listed["recipients"] == ["a@school.example", "b@school.example"]
    assert date.fromisoformat(listed["sent_for"]).weekday() == 0
    ReportMail.objects.update(sent_for=NOON.date() - timedelta(days=7))
    assert mail_due_reports(now=MORNING) == "1 reports mailed"
    assert bytes(Attachment.objects.all()[0].octets).startswith(b"%PDF-")
    admin.send(f"/reports/mails/{listed['id']}/end")
    assert api.get("/report-mails") == []
    made = api.done(
        "POST", "/report-mails", {"saved_report": saved.pk, "every": "month", "recipients": ["a@school.example"]}
    )
    assert (made["form"], made["hour"], made["by"]) == ("pdf", 6, api.user.name)
    bad = {"saved_report": saved.pk, "every": "day", "recipients": ["nobody"]}
    assert api.refused("POST", "/report-mails", bad) == (422, "bad-report-mail")
    api.done("DELETE", f"/report-mails/{made['id']}")
    assert api.get("/report-mails") == []


@pytest.mark.parametrize(
    ("every", "local", "due"),
    [
        (Every.DAY, datetime(2026, 3, 1, 6, 0, tzinfo=UTC), date(2026, 3, 1)),
        (Every.DAY, datetime(2026, 3, 1, 5, 59, tzinfo=UTC), date(2026, 2, 28)),
        (Every.WEEK, datetime(2026, 3, 1, 12, 0, tzinfo=UTC), date(2026, 2, 23)),
        (Every.WEEK, datetime(2026, 3, 2, 5, 0, tzinfo=UTC), date(2026, 2, 23)),
        (Every.WEEK, datetime(2026, 3, 2, 6, 0, tzinfo=UTC), date(2026, 3, 2)),
        (Every.MONTH, datetime(2026, 3, 1, 5, 0, tzinfo=UTC), date(2026, 2, 1)),
        (Every.MONTH, datetime(2026, 3, 31, 5, 0, tzinfo=UTC), date(2026, 3, 1)),
    ],
)
def test_the_day_that_is_due(every: Every, local: datetime, due: date) -> None:
    assert last_due(every, 6, local) == due
