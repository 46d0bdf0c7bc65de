"""How many pages a document has and nothing else: quick where its language can tell without a look at each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from everprint.documents.analyse import analyse
from everprint.documents.detect import recognise
from everprint.documents.languages import counter
from everprint.documents.limits import Limits
from everprint.documents.result import Language, Unreadable
from everprint.documents.source import Source


@dataclass(frozen=True, slots=True)
class Count:
    """`pages` is None if that is unknown; `reason` says why, or why the number is only estimated."""

    language: Language
    pages: int | None
    reason: str = ""


def count_pages(path: Path, limits: Limits) -> Count:
    """The number that analyse() would find. Never raises for what a document may hold."""
    try:
        source = Source.whole(path)
        language = recognise(source).language
        quick = counter(language) if source.octets else None
        if quick is not None:
            return Count(language, quick(source, limits))
    except (Unreadable, OSError, MemoryError):
        pass  # the whole analysis says why, in full
    analysis = analyse(path, limits=limits)
    return Count(analysis.language, len(analysis.pages) or None, analysis.reason)
