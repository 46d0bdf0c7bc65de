"""What a job's own page shows, made from the stored contract messages: its document page by page, and its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.utils.translation import gettext

from everprint.contract.job_life import JobEvent
from everprint.contract.messages import DocumentSummary, PageRun
from everprint.documents.result import Output, Sides
from everprint.documents.ticket import TicketPart
from everprint.server.jobs.history import Step
from everprint.server.jobs.kept import steps_of
from everprint.server.jobs.models import Job, PagePreview
from everprint.server.jobs.sentences import as_read
from everprint.server.languages import marked as _
from everprint.server.pages import wording
from everprint.server.pages.said import sentence_in_words
from everprint.server.people.queries import names_of

# A document may have a hundred thousand pages that all differ; a page shows so much of it.
RUNS_SHOWN = 100
PICTURES_SHOWN = 240
_TALLEST_MM = 420.0
_RANGES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as a small rectangle; `kind` is grey, colour or blank."""

    number: int
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class RunView:
    """Consecutive pages that are alike, and the small pictures there are of them."""

    pages: PageRun
    previews: list[PagePreview]

    @property
    def orientation(self) -> str:
        """As Page.orientation (RFC 8011 section 5.2.10)."""
        return _("landscape") if self.pages.width_mm > self.pages.height_mm else _("portrait")

    @property
    def own(self) -> list[str]:
        """What the document sets for each of these pages, in words."""
        words = []
        if self.pages.copies != 1:
            words.append(gettext("%(number)s copies each") % {"number": self.pages.copies})
        if self.pages.sides is not None:
            words.append(gettext(wording.SIDES[self.pages.sides]))
        if self.pages.starts_sheet:
            words.append(gettext("on a new sheet"))
        return words


@dataclass(frozen=True, slots=True)
class Ink:
    """How much of the paper one ink covers, in percent."""

    name: str
    percent: float


@dataclass(frozen=True, slots=True)
class DocumentView:
    """The analysed document; pictures and runs are cut at what can be looked at."""

    summary: DocumentSummary
    runs: list[RunView]
    runs_more: int
    pictures: list[PagePicture]
    pictures_more: int
    colour_pages: int

    @property
    def inks(self) -> list[Ink]:
        """The mean coverage of the pages; empty where it was not measured."""
        mean = self.summary.coverage
        if mean is None:
            return []
        shares = (
            (_("cyan"), mean.cyan),
            (_("magenta"), mean.magenta),
            (_("yellow"), mean.yellow),
            (_("black"), mean.black),
        )
        return [Ink(name, min(max(share, 0.0), 1.0) * 100) for name, share in shares]

    @property
    def settings(self) -> list[tuple[str, str]]:
        """What the document sets for all of itself: attribute and value, as it says them."""
        own = self.summary.settings
        return [] if own is None else list(_settings(own))

    @property
    def is_unknown(self) -> bool:
        """True if its pages could not be counted."""
        return self.summary.output is None


@dataclass(frozen=True, slots=True)
class StepView:
    """A step with its words and tone."""

    title: str
    tone: str
    note: str
    at: datetime
    late: bool  # recorded only: it came late or could not happen


def document_view(stored: dict[str, Any] | None, previews: Iterable[PagePreview] = ()) -> DocumentView | None:
    """The document as stored with the job, and pictures of its pages; None before it is analysed."""
    if stored is None:
        return None
    summary = msgspec.convert(stored, DocumentSummary)
    runs = summary.page_runs
    pictures = list(_pictures(runs, PICTURES_SHOWN))
    pages_seen = list(previews)
    return DocumentView(
        summary=summary,
        runs=[
            RunView(run, [preview for preview in pages_seen if run.first <= preview.page <= run.last])
            for run in runs[:RUNS_SHOWN]
        ],
        runs_more=max(len(runs) - RUNS_SHOWN, 0),
        pictures=pictures,
        pictures_more=max(summary.pages - len(pictures), 0),
        colour_pages=sum(run.last - run.first + 1 for run in runs if run.colour),
    )


def _settings(own: TicketPart) -> Iterable[tuple[str, str]]:
    for attribute, value in (
        ("copies", own.copies),
        ("sides", own.sides),
        ("number-up", own.number_up),
        ("print-color-mode", own.print_color_mode),
        ("media", own.media),
        ("imposition-template", own.imposition),
    ):
        if value is not None:
            yield attribute, str(value)
    if own.page_ranges:
        yield "page-ranges", ", ".join(f"{first} to {last}" for first, last in own.page_ranges[:_RANGES_SHOWN])
    if own.collated is not None:
        yield "copies are", "collated" if own.collated else "not collated"
    if own.finishings:
        yield "finishings", ", ".join(own.finishings)


def _pictures(runs: Iterable[PageRun], most: int) -> Iterable[PagePicture]:
    for run in runs:
        for number in range(run.first, run.last + 1):
            if number > most:
                return
            scale = 28 / min(max(run.height_mm, run.width_mm, 1.0), _TALLEST_MM)
            width, height = (min(max(side * scale, 4), 40) for side in (run.width_mm, run.height_mm))
            kind = _("blank") if run.blank else _("colour") if run.colour else _("grey")
            yield PagePicture(number, round(width, 1), round(height, 1), kind)


def output_rows(stored: dict[str, Any] | None) -> tuple[Sides, ...]:
    """What came out, kind by kind."""
    return msgspec.convert(stored, Output).sides if stored else ()


EVENT_WORDS: dict[str, tuple[str, str]] = {
    "ordered": (_("Ordered"), ""),
    "refunded": (_("Money given back"), "good"),
    "resubmitted": (_("Printed again"), ""),
    "received": (_("Accepted by the Print Provider"), "busy"),
    JobEvent.DOCUMENT_RECEIVED.value: (_("Accepted: document and journal are on disk"), "busy"),
    JobEvent.ANALYSED.value: (_("Document analysed"), "busy"),
    JobEvent.HELD.value: (_("Held"), "warn"),
    "password-refused": (_("Wrong PIN"), "warn"),
    JobEvent.RELEASED.value: (_("Released"), "busy"),
    JobEvent.REDIRECTED.value: (_("Redirected"), "busy"),
    JobEvent.AUTHORISED.value: (_("Authorised; cost reserved"), "good"),
    JobEvent.REFUSED.value: (_("Refused"), "bad"),
    JobEvent.DELIVERY_BEGUN.value: (_("Delivery to the printer begun"), "busy"),
    JobEvent.DOCUMENT_SENT.value: (_("The printer has the whole document"), "busy"),
    JobEvent.DELIVERY_FAILED.value: (_("Delivery failed; it will be tried again"), "warn"),
    JobEvent.COMPLETED.value: (_("Completed"), "good"),
    JobEvent.CANCELLED.value: (_("Cancelled"), ""),
    JobEvent.ABORTED.value: (_("Aborted"), "bad"),
}


def step_views(job: Job) -> list[StepView]:
    """The time line, in the order in which things happened; reports may have come in another."""
    steps = sorted(steps_of(job), key=lambda step: step.at)
    names = names_of(step.actor for step in steps)
    return [_step_view(step, names) for step in steps]


def _step_view(step: Step, names: Mapping[int | None, str]) -> StepView:
    title, tone = EVENT_WORDS.get(step.event, (step.event, ""))
    by = gettext("by %(name)s") % {"name": names[step.actor]} if step.actor is not None else ""
    note = ": ".join(part for part in (by, sentence_in_words(as_read(step.text))) if part)
    return StepView(gettext(title), tone if step.moved else "", note, step.at, late=not step.moved)
