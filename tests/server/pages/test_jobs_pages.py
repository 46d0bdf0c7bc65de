"""The job log and a job's page: live, filtered, sorted, downloaded, steered, and closed to those it is not for."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from everprint.contract.job_life import JobState
from everprint.contract.messages import DeliveryBegun, DocumentSent, JobFinished
from everprint.documents.result import NOTHING
from rig.waiting import wait_for
from tests.server.pages.pleasant import document, job_row, output
from tests.server.pages.site import DESKTOP, PHONE, Site, names_in

STAYS = "window.everprintTest = 'the same page'"


def still_the_same_page(page: Page) -> bool:
    return bool(page.evaluate("window.everprintTest === 'the same page'"))


def test_a_job_moves_on_the_dashboard_without_reloading(site: Site) -> None:
    page = site.tab("oper")
    page.evaluate(STAYS)
    row = page.locator(f"#job-{job_row(site.world.printing).number}")
    expect(row).to_contain_text("Printing")
    site.world.reporter.report(site.world.printing, JobFinished(state=JobState.COMPLETED, output=output(12, 4, True)))
    expect(row).to_contain_text("Completed")
    expect(row).to_contain_text("€1.12")
    assert still_the_same_page(page)


def test_a_new_job_appears_in_the_log_without_reloading(site: Site) -> None:
    page = site.tab("oper")
    page.goto("/jobs")
    page.evaluate(STAYS)
    site.world.reporter.accept(site.world.office, "tom.okafor", "Just now.pdf")
    expect(page.get_by_role("link", name="Just now.pdf")).to_be_visible()
    assert names_in(page)[0] == "Just now.pdf"
    assert still_the_same_page(page)


def test_focus_scroll_and_open_details_stay_where_they_are_while_a_page_lives(site: Site) -> None:
    page = site.tab("oper")
    table = page.locator("#days-table")
    table.locator("summary").click()
    link = page.get_by_role("link", name="Lecture notes 8")
    link.focus()
    page.evaluate("window.scrollTo(0, 300)")
    scrolled = page.evaluate("window.scrollY")
    site.world.reporter.accept(site.world.office, "tom.okafor", "Just now.pdf")
    expect(page.get_by_role("link", name="Just now.pdf")).to_be_visible()
    expect(link).to_be_focused()
    expect(table).to_have_attribute("open", "")
    assert page.evaluate("window.scrollY") == scrolled


def test_what_did_not_change_is_not_sent_again(site: Site) -> None:
    page = site.tab("oper")
    page.goto("/jobs")
    with page.expect_response(lambda answer: answer.url.endswith("/jobs")) as first:
        pass
    assert first.value.status == 304


def test_a_hidden_tab_asks_nothing(site: Site) -> None:
    page = site.tab("oper")
    asked: list[Request] = []
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})")
    page.on("request", lambda request: asked.append(request))
    page.wait_for_timeout(4500)
    # What the page itself asks for: the browser may fetch the icon late.
    assert [request.url for request in asked if request.resource_type in ("xhr", "fetch")] == []
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => false})")
    with page.expect_request("**/dashboard"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_server_that_is_away_is_said_and_its_return_is_noticed(site: Site) -> None:
    page = site.tab("oper")
    state = page.locator("#live-state")
    expect(state).to_have_text("Live")
    with site.expecting("Failed to load resource"), site.expecting("htmx:"):
        page.context.set_offline(True)
        expect(state).to_contain_text("does not answer")
        page.context.set_offline(False)
        expect(state).to_have_text("Live")


def test_searching_filters_as_one_types_and_can_be_bookmarked(site: Site) -> None:
    page = site.tab("oper")
    page.goto("/jobs")
    page.evaluate(STAYS)
    page.get_by_label("Search document, user or number").fill("exam paper")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert names_in(page) == ["Exam paper physics.pdf"]
    assert page.url.endswith("/jobs?text=exam%20paper")
    assert still_the_same_page(page)

    page.get_by_label("Search document, user or number").fill("nothing like this")
    expect(page.get_by_text("No job matches.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Search document, user or number")).to_have_value("nothing like this")
    expect(page.get_by_text("No job matches.")).to_be_visible()


def test_jobs_are_filtered_by_state_printer_user_and_day(site: Site) -> None:
    page = site.tab("oper")
    page.goto("/jobs")
    page.get_by_label("State").select_option("held")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("State").select_option("")
    page.get_by_label("Printer").select_option(label="Staff-Room")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Printer").select_option("")
    page.get_by_label("User", exact=True).fill("jonas.meyer")
    page.get_by_label("State").select_option("refused")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto("/jobs?last_day=2001-01-01")
    expect(page.get_by_text("No job matches.")).to_be_visible()
    page.goto("/jobs?first_day=nonsense&printer=999&state=asleep&page=-3&sort=secret")
    assert page.locator("tbody tr").count() > 5


def test_any_column_sorts_both_ways(site: Site) -> None:
    page = site.tab("oper")
    page.goto("/jobs")
    page.locator("thead").get_by_role("link", name="Document").click()
    page.wait_for_url("**sort=document")
    ascending = names_in(page)
    assert ascending == sorted(ascending)
    expect(page.get_by_role("columnheader", name="Document")).to_have_attribute("aria-sort", "ascending")
    page.locator("thead").get_by_role("link", name="Document").click()
    page.wait_for_url("**sort=-document")
    assert names_in(page) == ascending[::-1]


def test_the_csv_has_the_jobs_that_the_page_shows_all_of_them(site: Site) -> None:
    page = site.tab("oper")
    page.goto("/jobs?text=physics")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all as CSV").click()
    assert download.value.suggested_filename == "jobs.csv"
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"), newline="")))
    assert [(row["document"], row["state"], row["user"]) for row in rows] == [
        ("Exam paper physics.pdf", "held", "sara.lind")
    ]


def test_a_document_name_cannot_become_a_formula_in_the_csv(site: Site) -> None:
    site.world.reporter.accept(site.world.office, "tom.okafor", '=HYPERLINK("https://evil.example")')
    text = site.tab("oper").request.get("/jobs/csv?text=HYPERLINK").text()
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline="")))
    assert rows[0]["document"] == '\'=HYPERLINK("https://evil.example")'


def test_a_jobs_page_follows_it_from_acceptance_to_the_end(site: Site) -> None:
    reporter, office = site.world.reporter, site.world.office
    job = reporter.accept(office, "tom.okafor", "Followed.pdf")
    page = site.tab("tom.okafor")
    page.goto(f"/jobs/{job_row(job).number}")
    page.evaluate(STAYS)
    expect(page.get_by_text("Not analysed yet.")).to_be_visible()
    reporter.analyse(job, document(3, 1, False))
    expect(page.get_by_text("3 pages, 1 in colour")).to_be_visible()
    reporter.decide(job)
    expect(page.locator(".figure").filter(has_text="Reserved")).to_contain_text("€0.35")
    reporter.report(job, DeliveryBegun())
    reporter.report(job, DocumentSent(device_job_id=77))
    reporter.report(job, JobFinished(state=JobState.COMPLETED, output=output(3, 1, False)))
    expect(page.locator("#job-state")).to_contain_text("Completed")
    expect(page.locator(".figure").filter(has_text="Charged")).to_contain_text("€0.35")
    expect(page.locator(".steps li")).to_have_count(6)
    expect(page.get_by_role("region", name="What came out").last).to_contain_text("3 sheets")
    assert still_the_same_page(page)


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_pictures_of_a_jobs_pages_come_by_themselves_and_fit(site: Site, width: int) -> None:
    reporter, office = site.world.reporter, site.world.office
    job = reporter.accept(office, "tom.okafor", "Pictured.pdf")
    reporter.analyse(job, document(14, 3, False))
    page = site.tab("tom.okafor", width=width)
    page.goto(f"/jobs/{job_row(job).number}")
    page.evaluate(STAYS)
    table = page.get_by_role("region", name="Pages of the document")
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(table.get_by_role("img")).to_have_count(0)
    reporter.picture(job)
    expect(table.get_by_role("img")).to_have_count(12)
    expect(rows).to_have_count(4)
    expect(rows.nth(1).get_by_role("img")).to_have_count(3)
    last = table.get_by_role("img", name="Page 12", exact=True)
    last.scroll_into_view_if_needed()
    # Asked from outside: the page's own policy lets nothing be evaluated within it.
    loaded = "[...document.images].every(picture => picture.complete && picture.naturalWidth > 0)"
    wait_for("the pictures", lambda: page.evaluate(loaded))
    assert still_the_same_page(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    # What is wider than the screen is reached by the keyboard: the table's box takes the focus and scrolls.
    table.focus()
    expect(table).to_be_focused()


def test_the_time_line_is_in_the_order_of_events_whenever_they_were_reported(site: Site) -> None:
    reporter, office = site.world.reporter, site.world.office
    now = timezone.now()
    job = reporter.accept(office, "tom.okafor", "Late report.pdf", now - timedelta(seconds=9))
    reporter.analyse(job, document(3, 1, False), now - timedelta(seconds=8))
    reporter.decide(job)
    reporter.report(job, DeliveryBegun(), now - timedelta(seconds=7))  # by a clock that is a little behind
    page = site.tab("tom.okafor")
    page.goto(f"/jobs/{job_row(job).number}")
    expect(page.locator(".step-title")).to_have_text(
        ["Accepted: document and journal are on disk", "Document analysed", "Delivery to the printer begun",
         "Authorised; cost reserved"]
    )  # fmt: skip


def test_a_job_of_which_nothing_came_out_says_that_its_money_went_back(site: Site) -> None:
    job = site.world.printing
    site.world.reporter.report(
        job, JobFinished(state=JobState.ABORTED, output=NOTHING, reason="the printer lost power")
    )
    page = site.tab("amelie.weber")
    page.goto(f"/jobs/{job_row(job).number}")
    expect(page.locator("#job-state")).to_contain_text("the printer lost power")
    expect(page.get_by_text("Nothing came out.")).to_be_visible()


@pytest.mark.parametrize(("user", "path"), [("sara.lind", "/me"), ("oper", "")])
def test_owner_and_operator_release_a_held_job(site: Site, user: str, path: str) -> None:
    from everprint.server.providers.models import Order

    job = job_row(site.world.held)
    page = site.tab(user)
    page.goto(path or f"/jobs/{job.number}")
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_role("status").filter(has_text="will be released")).to_be_visible()
    order = Order.objects.filter(job=job.uuid).get()
    assert (order.kind, order.by) == ("release-job", user)
    page.goto(f"/jobs/{job.number}")
    expect(page.locator(".steps")).to_contain_text("release ordered")


def test_what_comes_too_late_is_said(site: Site) -> None:
    page = site.tab("amelie.weber")
    page.goto(f"/jobs/{job_row(site.world.printing).number}")
    page.route(
        "**/jobs/*", lambda route: route.abort() if route.request.headers.get("hx-request") else route.continue_()
    )
    with site.expecting("Failed to load resource"), site.expecting("htmx:"):
        site.world.reporter.report(
            site.world.printing, JobFinished(state=JobState.COMPLETED, output=output(12, 4, True))
        )
        page.get_by_role("button", name="Cancel job").click()
        expect(page.get_by_text("Nothing was changed")).to_be_visible()


def test_a_user_sees_only_own_jobs(site: Site) -> None:
    foreign = job_row(site.world.printing).number
    own = job_row(site.world.held).number
    page = site.tab("sara.lind")
    page.goto(f"/jobs/{own}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Exam paper physics.pdf")
    with site.expecting("404"), site.expecting("403"):
        assert page.goto(f"/jobs/{foreign}").status == 404  # type: ignore[union-attr]
        expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")
        for path in ("/jobs", "/jobs/csv", "/users", "/dashboard", "/printers", "/providers", "/groups"):
            assert page.goto(path).status == 403, path  # type: ignore[union-attr]
        page.goto("/me/jobs?user=amelie.weber&text=")
        assert "Quarterly report 2026.pdf" not in names_in(page)
        assert names_in(page)


def test_hostile_names_are_shown_as_text(site: Site) -> None:
    from everprint.contract.messages import PrinterState, PrinterStatus

    evil = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>{{7*7}}"
    reporter, library = site.world.reporter, site.world.library
    job = reporter.accept(library, evil, evil, client_address="<b>10.0.0.1", job_account_id=evil)
    reporter.report(
        None,
        PrinterStatus(
            queue=library.name, state=PrinterState.STOPPED, reasons=["<b onmouseover=alert(1)>"], message=evil,
            make_and_model=evil,
        ),
    )  # fmt: skip
    page = site.tab("oper")
    for path in ("/dashboard", "/jobs", f"/jobs/{job_row(job).number}", "/printers", f"/printers/{library.pk}"):
        page.goto(path)
        page.wait_for_timeout(100)
        assert "owned" not in page.title()
        assert page.locator("main img, main script, main b").count() == 0
        assert "49" not in page.title()
    page.goto(f"/jobs/{job_row(job).number}")
    expect(page.get_by_text("Account named by the client")).to_be_visible()
    page.goto("/jobs")
    expect(page.get_by_role("link", name=evil)).to_be_visible()
