"""Notifications and mailed reports at the server's own command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from everprint.server.languages import Language

pytestmark = pytest.mark.usefixtures("database")


def say(*words: str, code: int = 0, given: str | None = None) -> str:
    from everprint.cli.server import server

    done = CliRunner().invoke(server, list(words), input=given)
    assert done.exit_code == code, done.output
    return done.output


def test_words_are_printed_changed_and_put_back(tmp_path: Path) -> None:
    from everprint.server.notifications.kinds import LOW_BALANCE, Words
    from everprint.server.notifications.wording import words_of

    own = words_of(LOW_BALANCE, Language.GERMAN)
    file = tmp_path / "words.txt"
    file.write_text(say("notification", "words", "low-balance", "de"))
    assert file.read_text() == f"{own.subject}\n\n{own.text}\n"
    file.write_text("Wenig\n\nNoch {available}.\n")
    say("notification", "set-words", "low-balance", "de", str(file))
    assert words_of(LOW_BALANCE, Language.GERMAN) == Words("Wenig", "Noch {available}.")
    rows = {row["kind"]: row for row in json.loads(say("notification", "list", "--json"))}
    assert (rows["low-balance"]["changed"], rows["job-refused"]["changed"], rows["quota-renewed"]["on"]) == (
        "de", "", False,
    )  # fmt: skip
    say("notification", "own-words", "low-balance", "de")
    assert words_of(LOW_BALANCE, Language.GERMAN) == own


def test_words_that_cannot_be_are_refused() -> None:
    assert "no field {secret}" in say(
        "notification", "set-words", "low-balance", "en", "-", given="A\n\n{secret}", code=1
    )
    assert "expected one of: low-balance" in say("notification", "words", "spam", "en", code=1)
    assert "expected one of: en, de" in say("notification", "words", "low-balance", "fr", code=1)


def test_a_kept_report_is_mailed_by_somebody_who_may_see_it() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user
    from everprint.server.reports.asked import asked_in_words
    from everprint.server.reports.models import ReportMail
    from everprint.server.reports.saved import save_report

    anna = create_user("anna", role=Role.OPERATOR)
    create_user("bob")
    save_report("All printers", asked_in_words({"kind": "printers"}), anna)
    mail = ("report", "mail", "All printers", "--every", "week", "--to", "head@school.example")
    assert "may not see reports" in say(*mail, "--by", "bob", code=1)
    assert "no report is kept" in say(*mail[:2], "None", *mail[3:], "--by", "anna", code=1)
    say(*mail, "--by", "anna", "--form", "csv", "--hour", "7")
    [row] = json.loads(say("report", "mails", "--json"))
    assert (row["report"], row["every"], row["form"], row["hour"], row["by"]) == (
        "All printers", "week", "csv", 7, "anna",
    )  # fmt: skip
    say("report", "end-mail", str(row["id"]))
    assert "No reports are mailed." in say("report", "mails")
    assert not ReportMail.objects.exists()
    assert "no report is mailed" in say("report", "end-mail", str(row["id"]), code=1)
