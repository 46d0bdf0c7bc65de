"""The pictures of the docs' tour: each main task of an administrator, an operator, a user and a kiosk.

`python -m tests.server.pages.pictures [NAME ...]` seeds a pleasant world on SQLite, runs the server, and takes all of
them, or those. Run by hand when pages change, and look at each one before it is committed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.server.conftest import Database
from tests.server.pages.site import ARGUMENTS, CHROMIUM, PASSWORD, sign_in
from tests.server.serving import server_process, url_of

if TYPE_CHECKING:
    from tests.server.pages.pleasant import World

FOLDER = Path(__file__).parents[3] / "docs" / "pictures"
DESKTOP, PHONE = (1120, 720), (390, 760)
COLOURS = 128
CARD = "04A2B3C4D5"
SCHOOL = "print.school.example"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: who looks at which page, how large; `first` is what they do there before."""

    name: str
    user: str
    path: str
    size: tuple[int, int] = DESKTOP
    language: str = "en"
    dark: bool = False
    first: Callable[[Page], None] | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are that the world alone does not say."""

    station: str
    batch: int
    find_me: int


def shots(world: World, places: Places) -> Iterator[Shot]:
    """All pictures, in the order of the tour."""
    from everprint.server.people.models import User
    from tests.server.pages.pleasant import job_row

    sara, held = User.objects.get(name="sara.lind").pk, job_row(world.held).number
    year = "period=last-30-days"
    yield Shot("admin-users", "admin", "/users")
    yield Shot("admin-user", "admin", f"/users/{sara}")
    yield Shot("admin-credit", "admin", f"/users/{sara}/adjust")
    yield Shot("admin-costs", "admin", f"/printers/{world.library.pk}/costs")
    yield Shot("admin-rules", "admin", "/rules")
    yield Shot("admin-dry-run", "admin", "/rules/dry-run?run=1")
    yield Shot("admin-report", "admin", f"/reports/users?{year}&compare=before")
    yield Shot("admin-quotas", "admin", "/quotas")
    yield Shot("admin-vouchers", "admin", f"/vouchers/{places.batch}")
    yield Shot("admin-departments", "admin", "/departments")
    yield Shot("admin-stations", "admin", "/stations")
    yield Shot("admin-clusters", "admin", "/clusters")
    yield Shot("admin-audit-log", "admin", "/audit-log")
    yield Shot("operator-dashboard-dark", "oper", "/dashboard", dark=True)
    yield Shot("operator-jobs", "oper", "/jobs?state=unfinished")
    yield Shot("operator-refunds", "oper", "/refunds")
    yield Shot("user-own", "sara.lind", "/me")
    yield Shot("user-own-phone", "sara.lind", "/me", PHONE)
    yield Shot("user-job-german", "sara.lind", f"/jobs/{held}", language="de")
    yield Shot("user-statement", "sara.lind", "/me/statement")
    yield Shot("user-find-me-phone", "sara.lind", f"/jobs/{places.find_me}/release-at", PHONE)
    yield Shot("user-printer-phone", "sara.lind", f"/release/printer/{world.staff.uuid}", PHONE)
    yield Shot("kiosk-sheet", "admin", f"/printers/{world.staff.pk}/release-page")
    yield Shot("kiosk-sign-in", "", places.station)
    yield Shot("kiosk-jobs", "", places.station, first=_hold_card)


def _hold_card(page: Page) -> None:
    page.keyboard.type(CARD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Release").first.wait_for()


def main(wanted: list[str]) -> None:
    """Takes the pictures with these names, or all."""
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder)) as database:
        from tests.server.pages.pleasant import seed

        world = seed()
        places = _enrich(world)
        known = {"EVERPRINT_SERVER_ALLOWED_HOSTS": SCHOOL}
        with server_process(database, Path(folder) / "state", known) as server, sync_playwright() as driver:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
            address = url_of(server).replace("127.0.0.1", SCHOOL)
            named = [*ARGUMENTS, f"--host-resolver-rules=MAP {SCHOOL} 127.0.0.1"]
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=named)
            for shot in list(shots(world, places)):
                if not wanted or shot.name in wanted:
                    _is_heard(world)
                    _take(browser, address, shot)
            browser.close()


@contextmanager
def _database(folder: Path) -> Iterator[Database]:
    (folder / "secret-key").write_text("only for tests " * 4)
    url = f"sqlite://{folder}/pictures.sqlite3"
    os.environ["DJANGO_SETTINGS_MODULE"] = "everprint.server.settings"
    os.environ["EVERPRINT_SERVER_STATE_FOLDER"] = str(folder)
    os.environ["EVERPRINT_SERVER_DATABASE"] = url
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", verbosity=0)
    yield Database(url, folder)
    connections.close_all()


def _enrich(world: World) -> Places:
    """What a school has besides, made as an administrator's program makes it."""
    from everprint.server.access.permissions import permissions_of
    from everprint.server.api.tokens import make_token
    from everprint.server.clusters.document import ClusterDocument
    from everprint.server.clusters.reports import take_report
    from everprint.server.people.cards import set_card
    from everprint.server.people.models import User
    from everprint.server.printers.queues import add_printer
    from everprint.server.quotas.granting import grant_what_is_due
    from everprint.server.release.stations import make_station
    from tests.server.api.program import Program
    from tests.server.pages.pleasant import A4, Reporter, document, job_row

    ada = User.objects.get(name="admin")
    admin = Program(ada, make_token(ada, "pictures", permissions_of("administrator")).text)
    for printer in (world.library, world.office, world.staff):
        printer.abilities = {
            "document_formats": ["application/pdf"],
            "media": [A4],
            "colour": True,
            "two_sided": True,
        }
        printer.save()
    anywhere = add_printer(world.provider, name="Anywhere", device_uri="find-me:")
    reporter = Reporter(type(world.provider).objects.get(pk=world.provider.pk))
    job = reporter.accept(anywhere, "sara.lind", "Chemistry lab report.pdf")
    reporter.analyse(job, document(9, 2, True))
    reporter.decide(job)
    groups = {row["name"]: row["id"] for row in admin.get("/groups")["items"]}
    for rule in (
        {"name": "Mail on one side is paper wasted", "action": "two-sided", "conditions": {"pages_over": 3}},
        {
            "name": "Long jobs are confirmed", "action": "confirm", "message": "This is long. Print it?",
            "conditions": {"pages_over": 50}, "printers": [world.library.pk],
        },
        {"name": "No colour for a class", "action": "grey", "groups": [groups["Year 12"]],
         "printers": [world.library.pk]},
    ):  # fmt: skip
        admin.done("POST", "/rules", rule)
    purse = admin.done("POST", "/purses", {"name": "Free pages", "position": 5})
    quota = {"amount": "2.00", "period": "monthly", "starts_on": "2026-09-01", "purse": purse["name"]}
    for group in ("Year 12", "Year 13"):
        admin.done("POST", "/quotas", {**quota, "group": group})
    grant_what_is_due()
    batch = admin.done("POST", "/vouchers", {"name": "Autumn", "count": 20, "value": "5.00"})
    users = {row["name"]: row["id"] for row in admin.get("/users?size=100")["items"]}
    for name, department in (("tom.okafor", "Languages"), ("sara.lind", "Languages"), ("li.wei", "Arts")):
        admin.done("PATCH", f"/users/{users[name]}", {"department": department})
    finished = admin.get("/jobs?sort=-number&state=completed")["items"]
    charged = next(row for row in finished if row["cost_charged"] != "0.00")
    admin.done("POST", "/refunds", {"job": charged["number"], "reason": "Stripes on every page"})
    set_card(User.objects.get(name="sara.lind"), 1, CARD)
    station = make_station([world.staff], name="Staff room", by_card=True, by_pin=True, by_password=True, idle_s=900)
    take_report("school", ClusterDocument.model_validate(_cluster()), ada)
    return Places(f"/release/{station.key}", batch["id"], job_row(job).number)


def _is_heard(world: World) -> None:
    """The print server asked for orders just now and told of its printers, as one that lives does all the time."""
    from django.utils import timezone

    now = timezone.now()
    type(world.provider).objects.filter(pk=world.provider.pk).update(last_seen_at=now)
    type(world.office).objects.filter(provider=world.provider).update(state="idle", state_at=now)


def _cluster() -> dict[str, object]:
    """Two hosts, a server and a print server that was started again once."""
    from django.utils import timezone

    now = timezone.now()
    hosts = [
        {"name": name, "state": "online", "runs": 1, "controller": name == "beta", "site": "main", "programs": [],
         "fencing": [{"device": "fence_ipmilan", "state": "started"}], "last_fenced": None}
        for name in ("alpha", "beta")
    ]  # fmt: skip
    well = {"state": "started", "health": "well", "since": None, "last_failure": "", "evidence": [], "layers": []}
    once = {"at": (now - timedelta(days=3)).isoformat(), "why": "beta was fenced", "from": "beta", "to": "alpha"}
    vms = [
        {**well, "name": "server", "role": "app-server", "protection": "app-ha", "host": "alpha", "failures": 0,
         "last_fail_over": once},
        {**well, "name": "print1", "role": "print-server", "protection": "app-ha", "host": "beta", "failures": 0,
         "last_fail_over": None},
    ]  # fmt: skip
    return {"at": now.isoformat(), "status": "ok", "asked": "alpha", "quorum": True, "every_s": 3600, "hosts": hosts,
            "vms": vms, "troubles": []}  # fmt: skip


def _take(browser: Browser, address: str, shot: Shot) -> None:
    width, height = shot.size
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": height}, color_scheme="dark" if shot.dark else "light",
        extra_http_headers={"Accept-Language": shot.language},
    )  # fmt: skip
    context.set_default_timeout(120_000)
    page = context.new_page()
    if shot.user:
        page.goto("/sign-in", wait_until="load")
        if shot.language == "en":
            sign_in(page, shot.user)
        else:
            page.locator("#id_user_name").fill(shot.user)
            page.locator("#id_password").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url("**/me")
    page.goto(shot.path)
    if shot.first is not None:
        shot.first(page)
    page.wait_for_timeout(500)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{shot.name}.png", optimize=True)
    context.close()
    print(shot.name, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
