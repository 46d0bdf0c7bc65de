"""What will this spool file put on paper? Finds the language and asks its module; every way to fail is an answer.

A wrapper (PJL, compression) is opened, and what is in it is asked in the same way, MOST_WRAPPERS deep.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from everprint.documents.detect import Detected, disagreement, named, recognise
from everprint.documents.joining import join, settled
from everprint.documents.languages import MODULES, WRAPPERS, Part, analyser, opener
from everprint.documents.limits import MOST_WRAPPERS, Limits
from everprint.documents.result import Analysis, Confidence, Language, Unreadable
from everprint.documents.source import Source

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
    analysis = _never_nothing(_safely(source, detected, limits, depth=0))
    remark = disagreement(detected, claimed_format)
    return replace(analysis, remarks=(remark, *analysis.remarks)) if remark else analysis


def unknown(language: Language, reason: str) -> Analysis:
    """The answer for a document that cannot be known, and why."""
    return Analysis(language, Confidence.UNKNOWN, reason=reason)


def analyse_source(source: Source, limits: Limits, depth: int = 0) -> Analysis:
    """The pages of a part of a file, found within so many wrappers; as analyse()."""
    return _never_nothing(_safely(source, recognise(source), limits, depth))


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
    return analysis


def _never_nothing(analysis: Analysis) -> Analysis:
    """A document without pages is unknown; within a wrapper it may stand beside others."""
    if not analysis.pages and analysis.confidence is not Confidence.UNKNOWN:
        return unknown(analysis.language, "no page was found in it")
    return analysis


def _analyse(source: Source, detected: Detected, limits: Limits, depth: int) -> Analysis:
    if detected.wrapper in WRAPPERS:
        if depth == MOST_WRAPPERS:
            raise Unreadable(f"it is wrapped more than {MOST_WRAPPERS} times")
        with opener(detected.wrapper)(source, limits) as contents:
            return join(contents, [_within(part, limits, depth + 1) for part in contents.parts], limits)
    if detected.language in MODULES:
        return analyser(detected.language)(source, limits)
    raise Unreadable(f"it is {detected.name}, whose pages cannot be counted yet")


def _within(part: Part, limits: Limits, depth: int) -> Analysis:
    detected = recognise(part.source)
    told = detected.wrapper is not None or detected.language not in (Language.UNKNOWN, Language.TEXT)
    if not told and part.language in MODULES:
        detected = named(part.language)
    return settled(_safely(part.source, detected, limits, depth), part)
