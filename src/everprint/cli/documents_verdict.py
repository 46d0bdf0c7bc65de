"""What is said of one file: its analysis, and what would come out of a printer for a ticket."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec

from everprint.documents.imposition import impose
from everprint.documents.media import media_label
from everprint.documents.merge import merge
from everprint.documents.result import Analysis, Confidence, Coverage, Output, Page
from everprint.documents.ticket import Ticket, TicketPart


@dataclass(frozen=True, slots=True)
class Verdict:
    """One file. `output` is None if it is unknown: unknown is not nothing."""

    file: Path
    analysis: Analysis
    ticket: Ticket
    output: Output | None
    overruled: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is a number to tell."""
        return self.output is not None

    @property
    def remarks(self) -> tuple[str, ...]:
        """All that is to be said in words."""
        return tuple(filter(None, (self.analysis.reason, *self.analysis.remarks, *self.overruled)))

    @property
    def papers(self) -> str:
        """`A4`, or `A4 (3), A3 (1)` where there is more than one."""
        papers = Counter(page.media for page in self.analysis.pages)
        if len(papers) == 1:
            return media_label(next(iter(papers)))
        return ", ".join(f"{media_label(media)} ({number})" for media, number in papers.most_common())

    @property
    def coverage(self) -> Coverage | None:
        """The mean of all pages; None if a page was not measured."""
        return _mean(self.analysis.pages)

    def for_programs(self) -> bytes:
        """A JSON object."""
        told: dict[str, object] = {"file": str(self.file)}
        told |= msgspec.to_builtins(self.analysis)
        told["ticket"] = msgspec.to_builtins(self.ticket) if self.output else None
        told["output"] = _counted(self.output) if self.output else None
        return msgspec.json.encode(told)


def judge(file: Path, analysis: Analysis, asked: TicketPart) -> Verdict:
    """What would come out if a client asked for that, on a printer that has no defaults of its own."""
    if analysis.confidence is Confidence.UNKNOWN:
        return Verdict(file, analysis, Ticket(), None)
    merged = merge(asked, analysis.settings, Ticket(), analysis.pages)
    return Verdict(file, analysis, merged.ticket, impose(merged.pages, merged.ticket), merged.overruled)


def _counted(output: Output) -> dict[str, object]:
    return {
        "sheets": output.sheets,
        "impressions": output.impressions,
        "colour_impressions": output.colour_impressions,
        "sides": msgspec.to_builtins(output.sides),
    }


def _mean(pages: tuple[Page, ...]) -> Coverage | None:
    measured = [page.coverage for page in pages if page.coverage]
    if not pages or len(measured) < len(pages):
        return None
    return Coverage(
        *(sum(getattr(one, ink) for one in measured) / len(pages) for ink in ("cyan", "magenta", "yellow", "black"))
    )


def many(number: int, noun: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
