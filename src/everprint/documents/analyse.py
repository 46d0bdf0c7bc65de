"""What will this spool file put on paper? Finds the language and asks its module; every way to fail is an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from everprint.documents.detect import HEAD_OCTETS, Detected, detect, disagreement
from everprint.documents.limits import Limits
from everprint.documents.result import Analysis, Confidence, Language, Unreadable

log = logging.getLogger(__name__)

# One module per language, imported when the first such document comes; each has analyse(path, limits) -> Analysis.
MODULES: dict[Language, str] = {
    Language.PDF: "everprint.documents.pdf",
    Language.POSTSCRIPT: "everprint.documents.postscript",
    Language.PWG_RASTER: "everprint.documents.pwg_raster",
    Language.URF: "everprint.documents.urf",
    Language.JPEG: "everprint.documents.jpeg",
}


def analyse(path: Path, claimed_format: str = "", limits: Limits = Limits()) -> Analysis:  # noqa: B008 - frozen
    """The pages of the file. `claimed_format` is the client's *document-format*; the content decides.

    Never raises for what a document may hold: that is an Analysis of confidence *unknown* with the reason.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_OCTETS)
    except OSError as error:
        return unknown(Language.UNKNOWN, f"it cannot be opened: {error.strerror}")
    if not head:
        return unknown(Language.UNKNOWN, "it is empty")
    detected = detect(head)
    analysis = _analyse(path, detected, limits)
    remark = disagreement(detected, claimed_format)
    return replace(analysis, remarks=(remark, *analysis.remarks)) if remark else analysis


def unknown(language: Language, reason: str) -> Analysis:
    """The answer for a document that cannot be known, and why."""
    return Analysis(language, Confidence.UNKNOWN, reason=reason)


def _analyse(path: Path, detected: Detected, limits: Limits) -> Analysis:
    if detected.language not in MODULES:
        return unknown(detected.language, f"it is {detected.name}, whose pages cannot be counted yet")
    try:
        analysis = _analyser(detected.language)(path, limits)
        if not analysis.pages:
            return unknown(detected.language, "no page was found in it")
    except Unreadable as cannot:
        return unknown(detected.language, str(cannot))
    except MemoryError:
        return unknown(detected.language, "it needs more memory than it is given")
    except OSError as error:
        return unknown(detected.language, f"it cannot be read: {error.strerror or error}")
    except Exception as error:
        # A fault of ours must not stop the job's way: the document is unknown, and the log says where we failed.
        log.exception("analyser failed language=%s", detected.language)
        return unknown(detected.language, f"our {detected.name} analyser failed ({type(error).__name__})")
    return analysis


def _analyser(language: Language) -> Callable[[Path, Limits], Analysis]:
    analyser: Callable[[Path, Limits], Analysis] = import_module(MODULES[language]).analyse
    return analyser
