"""What some people may do on a queue, and what their jobs are like unless they say otherwise: a queue's presets.

The first preset that a person is in counts, and no other. The provider offers each person what their preset allows
(Get-User-Printer-Attributes, PWG 5100.13) and takes their jobs so; whoever decides about a job looks once more, for a
document may set copies, sides and colours itself.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from everprint.contract.user_names import BadUserName, canonical_user_name
from everprint.documents.result import Output
from everprint.documents.ticket import SidesKeyword


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """Named as *sides-default* and *copies-supported* are; `users` in the server's spelling, None for everybody."""

    name: str
    users: tuple[str, ...] | None = None
    colour: bool = True  # False: everything is printed in grey
    two_sided_only: bool = False
    sides_default: SidesKeyword | None = None  # None: as the device does
    most_copies: int | None = None


def preset_of(presets: Iterable[Preset], user_name: str) -> Preset | None:
    """The preset of a person, by the name that a client gave or the server knows."""
    try:
        person = canonical_user_name(user_name)
    except BadUserName:
        person = ""
    return next((preset for preset in presets if preset.users is None or person in preset.users), None)


def objection(preset: Preset | None, output: Output | None, copies: int, sides: str) -> str:
    """Why a job of that kind may not be printed under the preset, for its owner; empty if it may."""
    if preset is None:
        return ""
    if not preset.colour and output is not None and output.colour_impressions:
        return f"{output.colour_impressions} of its sides are in colour, and you may print in grey only."
    if preset.most_copies is not None and copies > preset.most_copies:
        return f"It asks for {copies} copies, and you may print {preset.most_copies} at the most."
    if preset.two_sided_only and sides == SidesKeyword.ONE_SIDED:
        return "It is one-sided, and you may print on both sides only."
    return ""
