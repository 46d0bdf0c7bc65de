"""Whoever says how a document is printed, client or document: what lies in the printer's tray is what is charged.

The tray is the virtual printer's record. It reads the file by itself and does its own arithmetic of sheets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from rig import ipptool
from rig.everprint import Row
from rig.pages import Person
from rig.waiting import wait_for
from tests.acceptance.conftest import A5, A5_SIDE, PASSWORD, World
from tests.documents import pclxl_writer as xl
from tests.documents.raster_writer import plain, pwg

NewUser = Callable[..., str]
GREY, GREY_TWO_SIDED = Decimal("0.05"), Decimal("0.04")
A4_PAPER = "iso_a4_210x297mm"


@dataclass(frozen=True)
class Tray:
    """What lies there: sheets, and impressions on them."""

    sheets: int
    impressions: int
    media: str = A4_PAPER

    @property
    def price(self) -> Decimal:
        """Of grey sides: a sheet with one of them, or with two. A side of A5 has one price."""
        if self.media == A5:
            return self.impressions * A5_SIDE
        on_both = (self.impressions - self.sheets) * 2
        return on_both * GREY_TWO_SIDED + (self.impressions - on_both) * GREY


def check(world: World, user: str, expected: Tray) -> None:
    (logged,) = world.jobs_of(user)
    assert world.printed(user) == [(expected.sheets, expected.impressions, 0)]
    assert (logged["sheets"], logged["impressions"]) == (expected.sheets, expected.impressions)
    assert world.charged(user) == [expected.price]


def pdf(path: Path, pages: int) -> Path:
    canvas = Canvas(str(path), pagesize=A4, invariant=True)
    for page in range(1, pages + 1):
        canvas.drawString(72, 760, f"Page {page}")
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture(scope="session")
def five_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pdf(tmp_path_factory.mktemp("five") / "five.pdf", 5)


# What lp is told, and what then lies in the tray.
LP_OPTIONS: list[tuple[dict[str, str], Tray]] = [
    ({"sides": "two-sided-long-edge"}, Tray(3, 5)),
    ({"copies": "2", "sides": "two-sided-short-edge", "collate": "true"}, Tray(6, 10)),
    ({"copies": "2", "sides": "two-sided-long-edge", "collate": "false"}, Tray(6, 10)),
    ({"copies": "3"}, Tray(15, 15)),
    ({"number-up": "2"}, Tray(3, 3)),
    ({"number-up": "2", "sides": "two-sided-long-edge", "copies": "2"}, Tray(4, 6)),
    ({"page-ranges": "2-4"}, Tray(3, 3)),
    ({"page-ranges": "1-2,5", "sides": "two-sided-long-edge"}, Tray(2, 3)),
    ({"media": A5}, Tray(5, 5, A5)),
    ({"media": A5, "sides": "two-sided-short-edge", "page-ranges": "1-3", "copies": "2"}, Tray(4, 6, A5)),
    ({"number-up": "4", "copies": "2", "collate": "true"}, Tray(4, 4)),
]


@pytest.mark.parametrize(
    ("options", "expected"),
    LP_OPTIONS,
    ids=lambda value: " ".join(f"{key}={said}" for key, said in value.items()) if isinstance(value, dict) else "",
)
def test_lp_through_cups(
    world: World, new_user: NewUser, five_pages: Path, options: dict[str, str], expected: Tray
) -> None:
    user = new_user("5.00")
    job = world.cups.lp(five_pages, "office", user=user, options=options)
    assert world.cups.wait_for_end(job).state == "completed"
    check(world, user, expected)


def test_lp_through_cups_to_a_queue_that_holds_all_jobs_until_they_are_released(
    world: World, new_user: NewUser, five_pages: Path
) -> None:
    """Every option outlives the wait, whether its owner releases the job on the page or by IPP."""
    user = new_user("20.00", password=PASSWORD)
    names = [f"row-{row}" for row in range(len(LP_OPTIONS))]
    for name, (options, _) in zip(names, LP_OPTIONS, strict=True):
        world.cups.lp(five_pages, "pull", user=user, title=name, options=options)
    held = wait_for("all jobs to be held", lambda: _held(world, user, len(names)), within_s=120, every_s=0.5)
    assert world.printed(user) == []
    assert world.server.balance(user) == Decimal("20.00"), "nothing is reserved for what may never be printed"

    who = f"ATTR name requesting-user-name {user}"
    wanted = "ATTR keyword requested-attributes job-id,job-name"
    listed = ipptool.ask(world.provider.uri("pull"), "Get-Jobs", [who, wanted, "ATTR boolean my-jobs true"])
    job_ids = {str(job["job-name"]): job["job-id"] for job in listed.groups}
    with Person(world.server.url, user, PASSWORD) as owner:
        for row, name in enumerate(names):
            if row % 2:
                released = ipptool.ask(
                    world.provider.uri("pull"), "Release-Job", [who, f"ATTR integer job-id {job_ids[name]}"]
                )
                assert released.status == "successful-ok"
            else:
                page = f"/jobs/{held[name]['number']}"
                assert "will be released" in owner.press(f"{page}/release", on=page)

    logged = {str(job["name"]): job for job in world.jobs_of(user, len(names))}
    printed = {job.job_name: job for job in world.printer.jobs() if job.user_name == user}
    for name, (options, expected) in zip(names, LP_OPTIONS, strict=True):
        came_out = printed[name]
        assert (came_out.sheets_completed, came_out.impressions_completed) == (
            expected.sheets,
            expected.impressions,
        ), options
        assert Decimal(str(logged[name]["charged"])) == expected.price, options
    assert world.server.balance(user) == Decimal("20.00") - sum(expected.price for _, expected in LP_OPTIONS)


def _held(world: World, user: str, count: int) -> dict[str, Row]:
    jobs = world.server.listing("job", "list", "--user", user, "--state", "held")
    return {str(job["name"]): job for job in jobs} if len(jobs) == count else {}


def send(world: World, user: str, document: Path, *template: str) -> None:
    lines = [f"ATTR name requesting-user-name {user}", "ATTR mimeMediaType document-format application/octet-stream"]
    if template:
        lines += ["GROUP job-attributes-tag", *(f"ATTR {line}" for line in template)]
    made = ipptool.ask(world.provider.uri("office"), "Print-Job", lines, document=document)
    assert made.status.startswith("successful-ok"), (made.status, made.message)


def preferring(five_pages: Path, path: Path, **preferences: pikepdf.Object | int) -> Path:
    """The five pages with ViewerPreferences."""
    with pikepdf.open(five_pages) as opened:
        opened.Root.ViewerPreferences = Dictionary(**preferences)
        opened.save(path)
    return path


def raster(path: Path, *headers: dict[int, int]) -> Path:
    """PWG raster, a page a header: *Duplex* is at octet 272, *NumCopies* at 340 (PWG 5102.4)."""
    sheets = [plain("L") for _ in headers]
    for sheet, header in zip(sheets, headers, strict=True):
        sheet.header.update(header)
    path.write_bytes(pwg(sheets))
    return path


DUPLEX, COPIES = 272, 340


def pcl_xl(path: Path, *copies: int) -> Path:
    """PCL XL, a page a number of copies of it (PageCopies)."""
    writer = xl.Writer()
    path.write_bytes(writer.document(*(writer.page(writer.text(50, 50), copies=number) for number in copies)))
    return path


def postscript(path: Path, pages: int, settings: str) -> Path:
    """PostScript that sets its page device before its pages."""
    program = [
        "%!PS",
        f"<< /PageSize [595 842] {settings} >> setpagedevice",
        "/Helvetica findfont 24 scalefont setfont",
    ]
    program += [f"72 720 moveto (Page {page}) show showpage" for page in range(1, pages + 1)]
    path.write_text("\n".join(program) + "\n")
    return path


Made = Callable[[Path, Path], Path]


@pytest.mark.parametrize(
    ("make", "template", "expected"),
    [
        pytest.param(
            lambda five, to: preferring(five, to, NumCopies=2, Duplex=Name.DuplexFlipLongEdge), (), Tray(6, 10),
            id="a PDF that prefers two copies on both sides",
        ),
        pytest.param(
            lambda five, to: preferring(five, to, NumCopies=2, Duplex=Name.DuplexFlipLongEdge),
            ("integer copies 1", "keyword sides one-sided"), Tray(5, 5),
            id="the PDF, and a client who wants neither",
        ),
        pytest.param(
            lambda five, to: preferring(five, to, PrintPageRange=Array([1, 1, 3, 4])), (), Tray(3, 3),
            id="a PDF that prefers three of its pages",
        ),
        pytest.param(
            lambda five, to: raster(to, *[{DUPLEX: 1, COPIES: 2}] * 3), (), Tray(4, 6),
            id="PWG raster whose headers want two copies on both sides",
        ),
        pytest.param(
            lambda five, to: raster(to, {COPIES: 1}, {COPIES: 3}), (), Tray(4, 4),
            id="PWG raster whose second page is wanted three times",
        ),
        pytest.param(
            lambda five, to: raster(to, {COPIES: 1}, {COPIES: 3}), ("integer copies 2",), Tray(4, 4),
            id="the raster, and a client who wants two copies of the document",
        ),
        pytest.param(
            lambda five, to: pcl_xl(to, 2, 1, 1), ("keyword sides two-sided-long-edge",), Tray(3, 4),
            id="PCL XL whose cover is wanted twice, on both sides",
        ),
        pytest.param(
            lambda five, to: postscript(to, 3, "/NumCopies 2 /Duplex true"), (), Tray(4, 6),
            id="PostScript that sets two copies on both sides",
        ),
        pytest.param(
            lambda five, to: postscript(to, 3, "/NumCopies 2 /Duplex true"), ("integer copies 1",), Tray(2, 3),
            id="the PostScript, and a client who wants one copy",
        ),
        pytest.param(
            lambda five, to: five, ("keyword imposition-template signature",), Tray(2, 4),
            id="a booklet",
        ),
    ],
)  # fmt: skip
def test_files_that_say_themselves_how_they_are_printed(
    world: World,
    new_user: NewUser,
    five_pages: Path,
    tmp_path: Path,
    make: Made,
    template: tuple[str, ...],
    expected: Tray,
) -> None:
    user = new_user("5.00")
    send(world, user, make(five_pages, tmp_path / "document"), *template)
    check(world, user, expected)
