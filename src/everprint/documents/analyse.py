"""What will this spool file put on paper? Finds the language and asks its module; every way to fail is an answer.

A wrapper (PJL, compression) is opened, and what is in it is asked in the same way, MOST_WRAPPERS deep.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from everprint.documents.detect import Detected, disagreement, recognise
from everprint.documents.languages import MODULES, WRAPPERS, Contents, Part, analyser, opener
from everprint.documents.limits import MOST_WRAPPERS, Limits
from everprint.documents.result import Analysis, Confidence, Language, Unreadable
from everprint.documents.source import Source
from everprint.documents.ticket import first_said

log = logging.getLogger(__name__)


def analyse(path: Path, claimed_format: str = "", limits: Limits = Limits()) -> Analysis:  # noqa: B008 - frozen
    """The pages of the file. `claimed_format` is the client's *document-format*; the content decides.

    Never raises for what a document may hold: that is an Analysis of confidence *unknown* with the reason.
    """
    try:
        source = Source.whole(path)
        detected = recognise(source)
    except OSError as error:
        return unknown(Language.UNKNOWN, f"it cannot be opened: {error.strerror}")
    if not source.octets:
        return unknown(Language.UNKNOWN, "it is empty")
    analysis = _safely(source, detected, limits, depth=0)
    remark = disagreement(detected, claimed_format)
    return replace(analysis, remarks=(remark, *analysis.remarks)) if remark else analysis


def unknown(language: Language, reason: str) -> Analysis:
    """The answer for a document that cannot be known, and why."""
    return Analysis(language, Confidence.UNKNOWN, reason=reason)


def analyse_source(source: Source, limits: Limits, depth: int = 0) -> Analysis:
    """The pages of a part of a file, found within so many wrappers; as analyse()."""
    return _safely(source, recognise(source), limits, depth)


def _safely(source: Source, detected: Detected, limits: Limits, depth: int) -> Analysis:
    try:
        analysis = _analyse(source, detected, limits, depth)
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
    if not analysis.pages and analysis.confidence is not Confidence.UNKNOWN:
        return unknown(detected.language, "no page was found in it")
    return analysis


def _analyse(source: Source, detected: Detected, limits: Limits, depth: int) -> Analysis:
    if detected.wrapper in WRAPPERS:
        if depth == MOST_WRAPPERS:
            raise Unreadable(f"it is wrapped more than {MOST_WRAPPERS} times")
        with opener(detected.wrapper)(source, limits) as contents:
            return _join(contents, [_within(part, limits, depth + 1) for part in contents.parts])
    if detected.language in MODULES:
        return analyser(detected.language)(source, limits)
    raise Unreadable(f"it is {detected.name}, whose pages cannot be counted yet")


def _within(part: Part, limits: Limits, depth: int) -> Analysis:
    analysis = analyse_source(part.source, limits, depth)
    # What the document says itself comes later than what its wrapper said, and so it holds.
    return replace(analysis, settings=first_said(analysis.settings, part.settings))


def _join(contents: Contents, found: Sequence[Analysis]) -> Analysis:
    """One answer for all documents of a wrapper; one of them unknown makes it unknown."""
    if not found:
        raise Unreadable("there is no document in it")
    for analysis in found:
        if analysis.confidence is Confidence.UNKNOWN:
            return replace(analysis, remarks=(*contents.remarks, *analysis.remarks))
    pages = [page for analysis in found for page in analysis.pages]
    doubts = [*contents.doubts, *(analysis.reason for analysis in found if analysis.reason)]
    return Analysis(
        found[0].language,
        Confidence.ESTIMATED if doubts else Confidence.EXACT,
        tuple(replace(page, number=number) for number, page in enumerate(pages, 1)),
        "; ".join(dict.fromkeys(doubts)),
        tuple(dict.fromkeys([*contents.remarks, *(remark for analysis in found for remark in analysis.remarks)])),
        found[0].settings,
    )
