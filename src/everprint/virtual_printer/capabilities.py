"""What every virtual printer can do: the supported values behind the *...-supported* attributes and their checks."""

from __future__ import annotations

from everprint.ipp.values import Resolution
from everprint.virtual_printer.job import JobState
from everprint.virtual_printer.model import Model

MAX_COPIES = 999
NUMBER_UP = (1, 2, 4, 6, 9, 16)
SIDES = ("one-sided", "two-sided-long-edge", "two-sided-short-edge")
MULTIPLE_DOCUMENT_HANDLING = ("separate-documents-uncollated-copies", "separate-documents-collated-copies")
FINISHINGS = (3,)  # none
IMPOSITION_TEMPLATES = ("none", "signature")
OUTPUT_BINS = ("face-down",)
PRINT_QUALITIES = (3, 4, 5)  # draft, normal, high
ORIENTATIONS = (3, 4, 5, 6)  # portrait, landscape, reverse landscape, reverse portrait
RESOLUTIONS = (Resolution(300, 300), Resolution(600, 600))
HOLD_UNTIL = ("no-hold", "indefinite")
IDENTIFY_ACTIONS = ("display", "sound")

_OVER = frozenset({JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED})
# *which-jobs* (RFC 8011 section 4.2.6.1, PWG 5100.7 section 5.2) and the job states each means.
WHICH_JOBS: dict[str, frozenset[JobState]] = {
    "not-completed": frozenset(JobState) - _OVER,
    "completed": _OVER,
    "all": frozenset(JobState),
    "aborted": frozenset({JobState.ABORTED}),
    "canceled": frozenset({JobState.CANCELED}),
    "pending": frozenset({JobState.PENDING}),
    "pending-held": frozenset({JobState.PENDING_HELD}),
    "processing": frozenset({JobState.PROCESSING, JobState.PROCESSING_STOPPED}),
}


def colour_modes(model: Model) -> tuple[str, ...]:
    """*print-color-mode-supported*; a mono printer has no colour."""
    return ("auto", "color", "monochrome") if model.colour else ("auto", "monochrome")
