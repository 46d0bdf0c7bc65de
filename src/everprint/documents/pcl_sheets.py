"""The pages that came out so far, of PCL 5 and HP-GL/2: kept short, limited, and told as an Analysis at the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from everprint.documents.limits import Limits
from everprint.documents.media import media_name
from everprint.documents.result import Analysis, Confidence, Language, Page, Unreadable
from everprint.documents.ticket import SidesKeyword, TicketPart

ASSUMED_MM = (210.0, 297.0)
"""A4, for a document that does not say its paper, as for a picture: the job's ticket mostly does."""

_ASSUMED = "it does not say its paper size: A4 is assumed unless the job says which"
MOST_COPIES = 32_767
"""What the commands can say; a larger number is taken as that."""


@dataclass(slots=True)
class Sheets:
    """Pages in order, and why they are not sure."""

    limits: Limits
    pages: list[Page] = field(default_factory=list)
    _doubts: dict[str, None] = field(default_factory=dict)  # a set that keeps its order
    _remarks: dict[str, None] = field(default_factory=dict)
    _copies_said: bool = False
    _size_assumed: bool = False

    @property
    def confidence(self) -> Confidence:
        """As far as is known now."""
        return Confidence.ESTIMATED if self._doubts else Confidence.EXACT

    def doubt(self, reason: str) -> None:
        """Something was guessed."""
        self._doubts[reason] = None

    def remark(self, text: str) -> None:
        """Something that an operator may want to know."""
        self._remarks[text] = None

    def add(
        self,
        width_mm: float | None,
        height_mm: float | None,
        *,
        colour: bool,
        blank: bool,
        landscape: bool = False,
        copies: int | None = None,
        sides: SidesKeyword | None = None,
        starts_sheet: bool = False,
    ) -> None:
        """A page came out. Without a size it has the assumed one.

        Raises Unreadable if there are too many.
        """
        if len(self.pages) >= self.limits.pages:
            raise Unreadable(f"it has more than {self.limits.pages} pages, which are not counted")
        if width_mm is None or height_mm is None:
            self._size_assumed = True
            self.remark(_ASSUMED)
            width_mm, height_mm = reversed(ASSUMED_MM) if landscape else ASSUMED_MM
        self._copies_said = self._copies_said or copies is not None
        self.pages.append(
            Page(
                len(self.pages) + 1,
                width_mm,
                height_mm,
                media_name(width_mm, height_mm),
                colour,
                blank and not colour,
                copies=min(copies or 1, MOST_COPIES),
                sides=sides,
                starts_sheet=starts_sheet and bool(self.pages),
            )
        )

    def repeat_last(self, times: int) -> None:
        """The last page comes out so many times more."""
        last = self.pages[-1]
        self.pages[-1] = replace(last, copies=min(last.copies + times, MOST_COPIES))

    def analysis(self, language: Language) -> Analysis:
        """All of it. What every page says alike is said once, of the document."""
        pages = self.pages
        settings = TicketPart()
        if pages and all(page.copies == pages[0].copies for page in pages):
            if self._copies_said or pages[0].copies > 1:
                collated = None if pages[0].copies == 1 else False
                settings = replace(settings, copies=pages[0].copies, collated=collated)
            pages = [replace(page, copies=1) for page in pages] if pages[0].copies > 1 else pages
        if pages and pages[0].sides is not None and all(page.sides is pages[0].sides for page in pages):
            settings = replace(settings, sides=pages[0].sides)
            pages = [replace(page, sides=None) for page in pages]
        if pages and not self._size_assumed and all(page.media == pages[0].media for page in pages):
            settings = replace(settings, media=pages[0].media)
        return Analysis(
            language, self.confidence, tuple(pages), "; ".join(self._doubts), tuple(self._remarks), settings
        )
