"""A queue as one person may use it: what the device can do, less what the person's preset forbids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from everprint.contract.presets import Preset
from everprint.documents.ticket import SidesKeyword
from everprint.ipp.message import Attribute, boolean, keyword, range_of_integer
from everprint.ipp.values import IntegerRange
from everprint.provider.queue_attributes import OWN_JOB_ATTRIBUTES

_COLOURED = frozenset({"color", "auto", "highlight"})
_GREY = "monochrome"


@dataclass(frozen=True, slots=True)
class View:
    """`shown` and `job_template` by name, as of the queue; `said_for` is added to a job that does not say it."""

    shown: Mapping[str, Attribute]
    job_template: Mapping[str, Attribute]
    said_for: tuple[Attribute, ...] = ()

    def with_defaults(self, attributes: tuple[Attribute, ...]) -> tuple[Attribute, ...]:
        """The job's attributes; where they are silent and the device does otherwise, the person's defaults."""
        said = {attribute.name for attribute in attributes}
        return (*attributes, *(one for one in self.said_for if one.name not in said))


def whole_view(shown: Mapping[str, Attribute]) -> View:
    """What somebody without a preset may do: all."""
    return View(shown, _job_template(shown))


def view_of(shown: Mapping[str, Attribute], preset: Preset) -> View:
    """What somebody with that preset may do."""
    changed = dict(shown)
    said_for: list[Attribute] = []
    if not preset.colour:
        said_for += _without_colour(changed)
    said_for += _sides(changed, preset)
    if preset.most_copies is not None:
        changed["copies-supported"] = range_of_integer(
            "copies-supported", IntegerRange(1, min(_most_copies(shown), preset.most_copies))
        )
    return View(changed, _job_template(changed), tuple(said_for))


def _without_colour(shown: dict[str, Attribute]) -> list[Attribute]:
    if shown["color-supported"].value is not True:
        return []
    shown["color-supported"] = boolean("color-supported", False)
    shown.pop("pages-per-minute-color", None)
    modes = _strings(shown, "print-color-mode-supported")
    grey = [mode for mode in modes if mode not in _COLOURED] or [_GREY]
    default = _GREY if _GREY in grey else grey[0]
    shown["print-color-mode-supported"] = keyword("print-color-mode-supported", *grey)
    shown["print-color-mode-default"] = keyword("print-color-mode-default", default)
    # Where the device has no such attribute, nothing can be said to it: a job in colour is then refused.
    return [keyword("print-color-mode", default)] if modes else []


def _sides(shown: dict[str, Attribute], preset: Preset) -> list[Attribute]:
    supported = _strings(shown, "sides-supported")
    two_sided = [sides for sides in supported if sides != SidesKeyword.ONE_SIDED]
    if preset.two_sided_only and two_sided:
        supported = two_sided
        shown["sides-supported"] = keyword("sides-supported", *two_sided)
    before = shown["sides-default"].value
    default = preset.sides_default if preset.sides_default in supported else before
    if default not in supported and supported:
        default = supported[0]
    if default == before or not isinstance(default, str):
        return []
    shown["sides-default"] = keyword("sides-default", str(default))
    return [keyword("sides", str(default))]


def _most_copies(shown: Mapping[str, Attribute]) -> int:
    most = shown["copies-supported"].value
    return most.upper if isinstance(most, IntegerRange) else 1


def _strings(shown: Mapping[str, Attribute], name: str) -> list[str]:
    attribute = shown.get(name)
    return [value for value in attribute.values if isinstance(value, str)] if attribute is not None else []


def _job_template(shown: Mapping[str, Attribute]) -> Mapping[str, Attribute]:
    return {**shown, **{attribute.name: attribute for attribute in OWN_JOB_ATTRIBUTES}}
