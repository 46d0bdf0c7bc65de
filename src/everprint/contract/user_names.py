"""User names: one spelling per person, decided once, where a name comes in.

NFKC, lower case, one script. What could make two people look alike is refused rather than folded: control and format
characters, mixed scripts (a Cyrillic *a* in a Latin name), anything but letters, digits, spaces between words and
``. _ - @ + '``. After this, names are compared byte for byte (rule of CVE-2026-27447).
"""

from __future__ import annotations

import unicodedata

LONGEST = 128
_PUNCTUATION = frozenset("._-@+' ")


class BadUserName(Exception):
    """A name that nobody can have; the text says why."""


def canonical_user_name(name: str) -> str:
    """The one spelling of that name.

    Raises BadUserName.
    """
    if len(name) > 4 * LONGEST:
        raise BadUserName(f"a user name has at most {LONGEST} characters, this one has {len(name)}")
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).lower())
    if not text:
        raise BadUserName("a user name is needed")
    if len(text) > LONGEST:
        raise BadUserName(f"a user name has at most {LONGEST} characters, this one has {len(text)}")
    if text != text.strip() or "  " in text:
        raise BadUserName(f"a user name has single spaces between words only: {name!r}")
    scripts = {script for character in text if (script := _script(character, name))}
    if len(scripts) > 1:
        raise BadUserName(f"a user name is written in one script, {name!r} mixes {' and '.join(sorted(scripts))}")
    return text


def _script(character: str, name: str) -> str | None:
    """The script of a letter, as the first word of its Unicode name; None for digits and punctuation."""
    if character.isascii() and (character.isdigit() or character in _PUNCTUATION):
        return None
    category = unicodedata.category(character)
    if category[0] in "LM" and category != "Lm":
        script = unicodedata.name(character, "UNNAMED").split()[0]
        if script == "COMBINING":
            raise BadUserName(f"a user name has no loose accents: {name!r}")
        # Japanese is written in three scripts at once, with Chinese characters among them.
        return "CJK" if script in ("HIRAGANA", "KATAKANA", "CJK") else script
    raise BadUserName(f"a user name has letters, digits and . _ - @ + ' only; {name!r} has {character!r}")
