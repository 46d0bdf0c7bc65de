"""What print servers and the analysis say is known again, in German too; and they do say it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

SOURCE = Path(__file__).parents[3] / "src" / "everprint"


def said_in(part: str) -> str:
    """Every text in the source of a part, one a line, with {} for what is put in."""
    found: list[str] = []
    for path in (SOURCE / part).rglob("*.py"):
        if path.name == "others_words.py":
            continue  # it is no witness of its own
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                pieces = [value.value if isinstance(value, ast.Constant) else "{}" for value in node.values]
                found.append("".join(str(piece) for piece in pieces))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


@pytest.mark.usefixtures("database")
def test_somebody_says_each_of_the_sentences() -> None:
    from everprint.server.jobs.others_words import SENTENCES

    said = "\n".join(said_in(part) for part in ("provider", "documents", "contract", "server/jobs"))
    said = re.sub(r"^.*%\(\w+\)s.*$", "", said, flags=re.MULTILINE)  # our own words with places are no witness
    for words in SENTENCES:
        for piece in re.split(r"%\(\w+\)s|(?<=[.:,;]) ", words):
            assert piece.strip(" .:,;()") in said, (words, piece)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Cancelled by alice.", "Von alice abgebrochen."),
        ("to hall, by alice", "nach hall, durch alice"),
        (
            "to hall, by alice (without effect: job 5 is finished)",
            "nach hall, durch alice (ohne Wirkung: Auftrag 5 ist beendet)",
        ),
        ("The printer aborted the job (toner-empty).", "Der Drucker hat den Auftrag abgebrochen (toner-empty)."),
        (
            "The printer does not take this job, tried 5 times. The printer refused: too large",
            "Der Drucker nimmt diesen Auftrag nicht an, 5-mal versucht. Der Drucker lehnte ab: too large",
        ),
        (
            "Cancelled by a (b). (without effect: job 5 is finished)",
            "Von a (b) abgebrochen. (ohne Wirkung: Auftrag 5 ist beendet)",
        ),
        (
            "The account of alice is closed. The Application Server is away.",
            "Das Konto von alice ist geschlossen. Der Server ist nicht erreichbar.",
        ),
        ("A rule has it printed in grey.", "Eine Regel lässt ihn in Grau drucken."),
        ("it needs a password", "es braucht ein Passwort"),
        ("Cancelled by\nalice", "Cancelled by\nalice"),
        ("The paper smells of roses.", "The paper smells of roses."),
        ("", ""),
    ],
)
def test_what_they_say_is_read_in_german(english: str, german: str) -> None:
    from everprint.server.jobs.sentences import in_language
    from everprint.server.languages import Language

    assert in_language(english, Language.GERMAN) == german
    assert in_language(english, Language.ENGLISH) == english
    with translation.override("en-gb"):
        assert in_language(english, Language.GERMAN) == german, "the reader's language, whatever the page's is"


@pytest.mark.usefixtures("database")
def test_a_text_made_to_be_hard_to_know_again_takes_no_time() -> None:
    from everprint.server.jobs.sentences import in_language
    from everprint.server.languages import Language

    hard = "Cancelled by (without effect: " * 20
    assert in_language(hard[:500], Language.GERMAN)
    assert in_language("x (without effect: " * 40, Language.GERMAN)
