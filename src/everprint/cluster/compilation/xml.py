"""Writes XML so that people can read it and a diff shows what changed: one element a line, indented."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

Element = ET.Element


def element(tag: str, attributes: dict[str, str] | None = None, *children: Element, text: str = "") -> Element:
    """An element with its attributes and children."""
    made = ET.Element(tag, attributes or {})
    made.text = text or None
    made.extend(children)
    return made


def written(root: Element) -> str:
    """The document, indented, with a line feed at its end."""
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def nvpairs(tag: str, identity: str, pairs: Iterable[tuple[str, str]]) -> Element:
    """A set of names and values as Pacemaker spells it."""
    return element(
        tag,
        {"id": identity},
        *(element("nvpair", {"id": f"{identity}-{name}", "name": name, "value": value}) for name, value in pairs),
    )
