"""The same report on a page, as CSV, as PDF, over the API and on the command line."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobFinished
from tests.server.api.program import program
from tests.server.cli.test_server_commands import everprint, listed
from tests.server.pages.signed_in import administrator
from tests.server.world import NOON, PrintServer, pages

pytestmark = pytest.mark.usefixtures("database")
DAY = f"first_day={NOON.date()}&last_day={NOON.date()}"


@pytest.fixture
def printed() -> PrintServer:
    """Alice printed three grey sides and a colour one, which cost 0.35."""
    server = PrintServer()
    job = server.job()
    server.ask(job, pages(3, 1))
    server.report(job, JobFinished(state=JobState.COMPLETED, output=pages(3, 1), reason=""))
    return server


def pdf_text(octets: bytes) -> str:
    document = PdfDocument(BytesIO(octets))
    return "".join(page.get_textpage().get_text_bounded() for page in document)


def test_a_report_says_the_same_wherever_it_is_asked_for(printed: PrintServer, tmp_path: Path) -> None:
    admin, api = administrator(), program()
    page = admin.see(f"/reports/users?{DAY}")
    assert "alice" in page
    assert "€0.35" in page
    assert "alice,1,4,1,25.0,4,0,0.3500,0.0000,0.0000" in admin.download(f"/reports/users/csv?{DAY}")
    answer = admin.client.get(f"/reports/users/pdf?{DAY}")
    assert "alice" in pdf_text(answer.content)
    assert "€0.35" in pdf_text(answer.content)
    made = api.get(f"/reports/users?{DAY}")
    assert made["rows"] == [["alice", 1, 4, 1, "25.0", 4, 0, "0.35", "0.00", "0.00"]]
    assert made["total"][1:] == made["rows"][0][1:]
    days = ("--from", str(NOON.date()), "--to", str(NOON.date()))
    assert listed("report", "show", "users", *days)[0]["cost"] == "0.3500"
    everprint("report", "show", "users", *days, "--pdf", str(tmp_path / "report.pdf"))
    assert "alice" in pdf_text((tmp_path / "report.pdf").read_bytes())


def test_a_program_has_the_same_files_as_the_page(printed: PrintServer) -> None:
    admin, api = administrator(), program()
    address = f"/reports/users?{DAY}"
    table = admin.download(f"/reports/users/csv?{DAY}")
    by_query = api.ask("GET", f"{address}&format=csv")
    assert (by_query.status, by_query.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert by_query.body == table
    assert api.ask("GET", f"{address}&size=1&page=9", Accept="text/csv;q=0.9, application/json;q=0.1").body == table
    assert "alice" in pdf_text(api.ask("GET", f"{address}&format=pdf").body)
    assert "alice" in pdf_text(api.ask("GET", address, Accept="application/pdf").body)
    assert api.ask("GET", f"{address}&format=json", Accept="application/pdf").body["rows"][0][0] == "alice"
    assert api.ask("GET", address, Accept="image/png").body["count"] == 1, "what there is not is JSON"
    assert api.refused("GET", "/reports/users?format=csv&first_day=2026-02-02&last_day=2026-02-01")[0] == 422
    assert api.refused("GET", f"{address}&format=xlsx")[0] == 422


def test_a_filter_leaves_out_what_others_printed(printed: PrintServer) -> None:
    admin = administrator()
    assert "office" in admin.see(f"/reports/printers?{DAY}&user=alice")
    assert "Nothing to report" in admin.see(f"/reports/printers?{DAY}&user=admin")
    assert "office" in admin.see(f"/reports/printers?{DAY}&user=nobody-at-all"), "who is nobody is as not said"


def test_a_period_is_compared_with_the_one_before(printed: PrintServer) -> None:
    day = NOON.date()
    made = program().get(f"/reports/printers?first_day={day}&last_day={day}&compare=before")
    assert [column["key"] for column in made["columns"][-2:]] == ["impressions_before", "change"]
    assert made["rows"][0][-2:] == [0, None]
    later = f"first_day={day.replace(day=day.day + 1)}&last_day={day.replace(day=day.day + 1)}"
    assert program().get(f"/reports/days?{later}&compare=before")["total"][-2:] == [4, "-100.0"]


def test_a_report_is_kept_by_name_and_made_again(printed: PrintServer) -> None:
    admin, api = administrator(), program()
    admin.client.post("/reports/printers/save?period=this-year&user=alice&sort=-cost", {"name": "Alice's printers"})
    (kept,) = api.get("/saved-reports")
    assert kept["asked"] == {"kind": "printers", "period": "this-year", "user": str(printed.user.pk), "sort": "-cost"}
    assert "user=alice" in admin.client.get("/reports").content.decode()
    assert json.loads(everprint("report", "show", "Alice's printers", "--json").stdout)[0]["name"] == "office"
    again = api.done("POST", "/saved-reports", {"name": "Alice's printers", "kind": "users", "period": "today"})
    assert again["id"] == kept["id"], "a name is one report"
    api.done("DELETE", f"/saved-reports/{kept['id']}")
    assert "No report is saved" in admin.see("/reports")


def test_what_is_no_report_is_refused_in_words(printed: PrintServer) -> None:
    api, admin = program(), administrator()
    assert api.refused("GET", "/reports/users?first_day=2026-02-02&last_day=2026-02-01")[1] == "no-such-report"
    assert api.refused("GET", "/reports/unheard-of")[0] == 404
    assert "is before the first" in admin.see("/reports/users?first_day=2026-02-02&last_day=2026-02-01")
    admin.see("/reports/unheard-of", 404)
    admin.see("/reports/users/csv?first_day=2026-02-02&last_day=2026-02-01", 404)
    assert "expected one of" in everprint("report", "show", "users", "--period", "soon", fails=True).output
    assert "there is no report" in everprint("report", "show", "unheard-of", fails=True).output


def test_reports_are_for_those_who_may_see_them(printed: PrintServer) -> None:
    from tests.server.pages.signed_in import SignedIn

    SignedIn(printed.user).see("/reports/users", 403)
    SignedIn(printed.user).see("/reports", 403)
