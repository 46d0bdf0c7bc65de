"""Every page, for every role and width: no complaint, no overflow, no violation, nothing heavy."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.server.pages.axe import AS_DRAWN, EVERYTHING, violations
from tests.server.pages.pleasant import World, job_row
from tests.server.pages.site import DESKTOP, PHONE, Site, sign_in

LARGEST_PAGE = 200_000

FAULTS = """() => {
  const faults = [];
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) faults.push(`scrolls sideways by ${wide} px`);
  const headings = document.querySelectorAll('h1').length;
  if (headings !== 1) faults.push(`${headings} first headings`);
  const seen = new Set();
  document.querySelectorAll('[id]').forEach(e => seen.has(e.id) ? faults.push(`id ${e.id} twice`) : seen.add(e.id));
  document.querySelectorAll('input:not([type=hidden]):not([hidden]), select, textarea').forEach(e => {
    if (!e.labels.length && !e.getAttribute('aria-label')) faults.push(`no label: ${e.outerHTML}`);
  });
  document.querySelectorAll('table').forEach(t => {
    if (!t.querySelector('thead th[scope=col]')) faults.push('table without column heads');
    const rows = t.querySelectorAll("tbody tr").length;
    if (rows && !t.querySelector("tbody th[scope=row]")) faults.push("table without row heads");
  });
  document.querySelectorAll('a, button').forEach(e => {
    if (!(e.textContent.trim() || e.getAttribute('aria-label'))) faults.push(`no name: ${e.outerHTML}`);
  });
  document.querySelectorAll('[aria-labelledby], [aria-describedby]').forEach(e => {
    for (const id of (e.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean))
      if (!document.getElementById(id)) faults.push(`labelled by ${id}, which is not there`);
  });
  if (document.querySelector('[style], script:not([src]), style')) faults.push('inline style or script');
  document.querySelectorAll('[src], link[href]').forEach(e => {
    if (new URL(e.src || e.href).origin !== location.origin) faults.push(`remote: ${e.outerHTML}`);
  });
  return faults;
}"""


def paths(user: str, world: World) -> list[str]:
    """Every page that the user may see."""
    from everprint.server.people.models import Department, Group, User

    own = [
        "/me",
        "/me/jobs",
        "/me/statement",
        "/me/password",
        "/me/cards",
        "/me/delegates",
        "/operated",
        f"/release/printer/{world.library.uuid}",
        "/me/second-factor",
        "/me/notices",
        "/me/notifications",
        f"/jobs/{job_row(world.held).number}",
    ]
    if user == "sara.lind":
        return own
    tom, group = User.objects.get(name="tom.okafor").pk, Group.objects.all()[0].pk
    department = Department.objects.all()[0].pk
    view = [
        "/dashboard", "/reports", "/reports/users?period=this-year&compare=before", "/reports/departments",
        "/reports/environment-printers?period=this-month", "/reports/transactions",
        "/reports/groups?period=&first_day=2026-02-02&last_day=2026-02-01",
        "/jobs", "/jobs?sort=-cost", "/users", f"/users/{tom}", f"/users/{tom}/statement", "/groups",
        f"/groups/{group}", "/departments", "/offices", "/printers", f"/printers/{world.library.pk}", "/providers",
        f"/providers/{world.provider.pk}", "/rules", "/rules/dry-run?run=1",
        *(f"/jobs/{job_row(job).number}" for job in (world.printing, world.refused)),
    ]  # fmt: skip
    if user == "oper":
        return own + view
    manage = [
        "/accounts", "/accounts/new", "/quotas", "/quotas/new", "/vouchers", "/vouchers/new",
        "/vouchers/import", "/refunds", "/ledger-audit", f"/users/{tom}/selection", f"/users/{tom}/costs",
        f"/groups/{group}/selection", f"/groups/{group}/costs",
        f"/printers/{world.library.pk}/selection", "/audit-log", "/roles", "/roles/new",
        "/tokens", "/tokens/new", "/mails", "/notifications", "/notifications/low-balance/de", "/rules/new",
        "/users/import", "/users/new", f"/users/{tom}/edit", "/users/new-guest", f"/users/{tom}/cards",
        f"/users/{tom}/rename", f"/users/{tom}/merge", f"/users/{tom}/redact",
        f"/users/{tom}/password", f"/users/{tom}/adjust", "/groups/new", "/directory",
        "/settings", "/purses/new", "/printers/new", "/printers/import", f"/printers/{world.library.pk}/edit",
        f"/printers/{world.library.pk}/release-page", "/stations", "/stations/new", f"/users/{tom}/delegates",
        "/printer-groups", "/printer-groups/new", f"/departments/{department}", f"/departments/{department}/merge",
        f"/printers/{world.library.pk}/costs", f"/printers/{world.library.pk}/presets/new",
        f"/printers/{world.library.pk}/snmp", f"/printers/{world.library.pk}/redirect", "/clusters", "/doctor",
        "/oidc-providers", "/oidc-providers/new",
    ]  # fmt: skip
    return own + view + manage


@pytest.mark.parametrize("user", ["admin", "oper", "sara.lind"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_every_page_is_sound(site: Site, user: str, width: int) -> None:
    page = site.tab(user, width=width)
    # Light colours on a desk, dark ones on a phone: what is in a page is the same there, and looked at once.
    rules = EVERYTHING if width == DESKTOP else AS_DRAWN
    page.emulate_media(color_scheme="light" if width == DESKTOP else "dark")
    found: dict[str, Any] = {}
    for path in paths(user, site.world):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert len(answer.body()) < LARGEST_PAGE, path
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        if faults := page.evaluate(FAULTS) + violations(page, rules):
            found[path] = faults
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signing_in_and_being_refused_have_no_violation(site: Site, scheme: Literal["light", "dark"]) -> None:
    page = site.tab()
    page.emulate_media(color_scheme=scheme)
    page.goto("/sign-in")
    assert violations(page) == []
    page.get_by_label("User name").fill("sara.lind")
    page.get_by_label("Password").fill("wrong horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    assert violations(page) == []
    sign_in(page, "sara.lind")
    with site.expecting("404"), site.expecting("403"):
        for path, status in (("/no-such-page", 404), ("/dashboard", 403)):
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == status, path
            assert violations(page) == [], path


def test_a_violation_is_found(site: Site) -> None:
    page = site.tab()
    page.goto("/sign-in")
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate("document.querySelector('h1').style.color = 'lightgrey'")
    rules = {fault.split(" ", 1)[0] for fault in violations(page)}
    assert rules == {"label", "color-contrast"}


def test_an_empty_installation_says_on_every_page_what_to_do_next(site: Site) -> None:
    from everprint.server.jobs.models import Decision, Job, JobStep
    from everprint.server.people.models import Group
    from everprint.server.printers.models import Printer
    from everprint.server.providers.models import EnrolmentCode, Order, Provider

    for model in (JobStep, Decision, Job, Printer, EnrolmentCode, Order, Provider, Group):
        model.objects.all().delete()
    page = site.tab("admin")
    for path, next_step in (
        ("/dashboard", "Make an enrolment code"),
        ("/jobs", "Print to one of the queues"),
        ("/printers", "make an enrolment code"),
        ("/providers", "everprint provider enrol"),
        ("/groups", "Make one for a class"),
        ("/me", "Print to one of the queues"),
    ):
        page.goto(path)
        assert next_step in page.locator("main").inner_text(), path
        assert page.evaluate(FAULTS) == [], path
    page.goto("/printers/new")
    page.wait_for_url("**/providers")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_longest_names_break_no_page(site: Site, width: int) -> None:
    long = "W" * 250
    job = site.world.reporter.accept(site.world.library, "w" * 128, long)
    page = site.tab("oper", width=width)
    for path in ("/dashboard", "/jobs", f"/jobs/{job_row(job).number}", f"/printers/{site.world.library.pk}"):
        page.goto(path)
        assert page.evaluate(FAULTS) == [], path


def test_dark_and_light_text_can_be_read(site: Site) -> None:
    for scheme in ("light", "dark"):
        page: Page = site.tab("oper")
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for path in ("/dashboard", f"/jobs/{job_row(site.world.refused).number}", "/printers"):
            page.goto(path)
            assert page.evaluate(TOO_FAINT) == [], (scheme, path)


# WCAG 2.2, success criterion 1.4.3: text against the background behind it, at least 4.5 to 1.
TOO_FAINT = """() => {
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const e of document.querySelectorAll('main *, header *')) {
    const text = [...e.childNodes].some(n => n.nodeType === 3 && n.nodeValue.trim());
    if (!text || !e.checkVisibility() || e.closest('svg')) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.push(`${e.className || e.nodeName} "${e.textContent.trim()}" ${ratio.toFixed(2)}`);
  }
  return faint;
}"""
