"""What holding saved: jobs that were held, that nobody released, and that ended unprinted; no others."""

from __future__ import annotations

from typing import Any

import pytest

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobAnalysed, JobDescription, JobFinished, JobHeld, JobReceived, JobReleased
from everprint.documents.result import NOTHING, Output
from tests.server.api.program import program
from tests.server.pages.signed_in import administrator
from tests.server.world import NOON, PrintServer, pages, summary

pytestmark = pytest.mark.usefixtures("database")
DAY = f"first_day={NOON.date()}&last_day={NOON.date()}"
CANCELLED = JobFinished(state=JobState.CANCELLED, output=NOTHING)


@pytest.fixture
def holding() -> PrintServer:
    """Its queue holds jobs; Alice is in a group."""
    from everprint.server.people.models import Group

    server = PrintServer(queue={"hold": True})
    Group.objects.create(name="art").members.add(server.user)
    return server


def held(server: PrintServer, output: Output | None, *, in_doubt: bool = False) -> JobDescription:
    """A job that waits to be released."""
    job = server.job()
    server.ask(job, output)
    server.report(
        job, JobReceived(job=job), JobAnalysed(document=summary(output)), JobHeld(reason="waits", in_doubt=in_doubt)
    )
    return job


def table(kind: str, **filters: Any) -> Any:
    from everprint.server.reports.asked import AskedReport, Filters
    from everprint.server.reports.table import make_table

    return make_table(AskedReport(kind, None, NOON.date(), NOON.date(), filters=Filters(**filters)))


def saved(kind: str, **filters: Any) -> dict[str, tuple[int, int]]:
    """Jobs and sheets of each row."""
    return {str(row.cells[0]): (row.usage.jobs, row.usage.sheets) for row in table(kind, **filters).rows}


def test_a_held_job_that_is_cancelled_or_whose_time_is_over_saved_its_sheets(holding: PrintServer) -> None:
    for state in (JobState.CANCELLED, JobState.ABORTED):
        holding.report(held(holding, pages(6, two_sided=True)), JobFinished(state=state, output=NOTHING))
    for kind, name in (("users", "alice"), ("groups", "art"), ("printers", "office"), ("offices", "(no office)")):
        assert saved(f"unreleased-{kind}") == {name: (2, 6)}
    assert saved("unreleased-users", printer=holding.printer.pk + 1) == {}
    assert saved("users") == {}, "nothing of them was printed"


def test_what_analysis_could_not_count_saves_a_job_and_no_sheets(holding: PrintServer) -> None:
    holding.report(held(holding, None), CANCELLED)
    assert saved("unreleased-users") == {"alice": (1, 0)}


def test_a_job_that_was_released_or_not_held_or_may_be_on_paper_saved_nothing(holding: PrintServer) -> None:
    released = held(holding, pages(3))
    holding.report(released, JobReleased(), JobHeld(reason="again"), CANCELLED)
    holding.report(held(holding, pages(3), in_doubt=True), CANCELLED)
    holding.report(held(holding, pages(3)), JobFinished(state=JobState.CANCELLED, output=pages(1)))
    waiting = holding.job()
    holding.report(waiting, JobReceived(job=waiting), JobAnalysed(document=summary(pages(3))), CANCELLED)
    held(holding, pages(3))
    assert saved("unreleased-users") == {}


def test_the_environmental_report_says_what_holding_saved(holding: PrintServer) -> None:
    holding.report(held(holding, pages(1_000)), CANCELLED)
    words = "Holding saved 1,000 sheets, in none of these figures: 1 job was held and never released"
    assert any(
        note.startswith(words) and "4.99 kg of paper, 6.68 kg" in note for note in table("environment-users").notes
    )
    assert any("Holding saved 0 sheets" in note for note in table("environment-users", user=999).notes)


def test_they_are_on_the_page_as_csv_as_pdf_and_over_the_api(holding: PrintServer) -> None:
    holding.report(held(holding, pages(3, 1)), CANCELLED)
    printed = held(holding, pages(2))
    holding.report(printed, JobReleased())
    holding.ask(printed, pages(2), attempt=2)
    holding.report(printed, JobFinished(state=JobState.COMPLETED, output=pages(2)))
    admin = administrator()
    assert "alice" in admin.see(f"/reports/unreleased-users?{DAY}")
    assert "Holding saved 4 sheets" in admin.see(f"/reports/environment-users?{DAY}")
    assert "alice,1,4,4,0.02" in admin.download(f"/reports/unreleased-users/csv?{DAY}")
    assert admin.client.get(f"/reports/unreleased-users/pdf?{DAY}").content.startswith(b"%PDF-")
    made = program().get(f"/reports/unreleased-users?{DAY}&compare=before")
    assert made["rows"] == [["alice", 1, 4, 4, "0.02", "0.03", "0.000", 0, None]]
    assert [column["key"] for column in made["columns"]][:4] == ["name", "jobs", "impressions", "sheets"]
    assert any(
        "Holding saved 4 sheets" in note for note in program().get(f"/reports/environment-users?{DAY}")["notes"]
    )
