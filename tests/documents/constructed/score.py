"""The score: how many files of each language are known, and whether that is the truth."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from everprint.documents.result import Analysis, Confidence, Language


@dataclass
class _Row:
    files: int = 0
    pages: int = 0
    by_confidence: dict[Confidence, int] = field(default_factory=lambda: defaultdict(int))
    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    exact_and_wrong: list[str] = field(default_factory=list)


QUESTIONS = ("pages", "paper", "colour", "blank", "sheets")


class Score:
    """By language; `answers` says of each question whether it was answered rightly."""

    def __init__(self) -> None:
        self._rows: dict[Language, _Row] = defaultdict(_Row)

    def add(self, language: Language, name: str, pages: int, analysis: Analysis, answers: dict[str, bool]) -> None:
        row = self._rows[language]
        row.files += 1
        row.pages += pages
        row.by_confidence[analysis.confidence] += 1
        for question in QUESTIONS:
            row.right[question] += answers[question]
        if analysis.confidence is Confidence.EXACT and not all(answers.values()):
            row.exact_and_wrong.append(name)

    def lines(self) -> list[str]:
        """A table for people; empty if nothing was asked."""
        if not self._rows:
            return []
        headings = ("language", "files", "pages", *Confidence, *(f"{question} right" for question in QUESTIONS))
        widths = [max(len(heading), 5) for heading in headings]
        widths[0] = max(len(language) for language in self._rows) + 1
        rows = [
            [
                language,
                row.files,
                row.pages,
                *(row.by_confidence[confidence] for confidence in Confidence),
                *(row.right[question] for question in QUESTIONS),
            ]
            for language, row in self._rows.items()
        ]
        lines = [
            "  ".join(f"{cell!s:>{width}}" for cell, width in zip(row, widths, strict=True))
            for row in (headings, *rows)
        ]
        wrong = [name for row in self._rows.values() for name in row.exact_and_wrong]
        return [*lines, f"exact and wrong: {', '.join(wrong) if wrong else 'none'}"]


SCORE = Score()
