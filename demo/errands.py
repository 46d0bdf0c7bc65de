"""Who prints what in the demo, and the truth about it, worked out by hand.

Costs of a side: at *office* 0.05 in grey and 0.20 in colour; at *library* 0.03 in grey, and 0.02 if the sheet has
two printed sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from demo import documents

OFFICE, LIBRARY = "office", "library"


@dataclass(frozen=True, slots=True)
class Truth:
    """What must come of an errand."""

    state: str
    pages: int
    sheets: int
    sides: int
    colour_sides: int
    cost: Decimal
    balance: Decimal  # of its owner, afterwards


@dataclass(frozen=True, slots=True)
class Errand:
    """Somebody prints something. `options` are those of lp, which are IPP's names too."""

    person: str
    full_name: str
    credit: Decimal
    title: str
    file_name: str
    make: Callable[[Path], None]
    queue: str
    truth: Truth
    options: Mapping[str, str] = field(default_factory=dict)


ERRANDS = (
    Errand(
        person="alice",
        full_name="Alice Adams",
        credit=Decimal("5.00"),
        title="Annual report",
        file_name="report.pdf",
        make=documents.make_report,  # six pages, two of them with a chart in colour
        queue=OFFICE,
        # 4 x 0.05 + 2 x 0.20
        truth=Truth("completed", 6, 6, 6, 2, Decimal("0.60"), Decimal("4.40")),
    ),
    Errand(
        person="bob",
        full_name="Bob Brown",
        credit=Decimal("2.00"),
        title="School play",
        file_name="script.pdf",
        make=documents.make_script,  # nine grey pages
        queue=LIBRARY,
        options={"sides": "two-sided-long-edge", "copies": "2"},
        # Each copy: four sheets with two sides, 8 x 0.02, and the last page alone on its sheet, 0.03.
        truth=Truth("completed", 9, 10, 18, 0, Decimal("0.38"), Decimal("1.62")),
    ),
    Errand(
        person="carol",
        full_name="Carol Clark",
        credit=Decimal("1.00"),
        title="Holiday photo",
        file_name="photo.jpg",
        make=documents.make_photo,
        queue=OFFICE,
        truth=Truth("completed", 1, 1, 1, 1, Decimal("0.20"), Decimal("0.80")),
    ),
    Errand(
        person="dave",
        full_name="Dave Dunn",
        credit=Decimal("1.00"),
        title="Catalogue",
        file_name="catalogue.pdf",
        make=documents.make_catalogue,  # thirty pages in colour would cost 6.00
        queue=OFFICE,
        truth=Truth("refused", 30, 0, 0, 0, Decimal("0.00"), Decimal("1.00")),
    ),
)
REFUSED = next(errand for errand in ERRANDS if errand.truth.state == "refused")
