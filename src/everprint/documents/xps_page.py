"""One FixedPage (ECMA-388 section 10): its size, and whether colour, or anything, is to be seen on it.

Elements are taken as they come; only what belongs to one path, one run of glyphs or one resource is held at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from everprint.documents.xml_stream import BadMarkup, OutOfTime, read_xml
from everprint.documents.xps_brushes import MOST_NODES, Node, node_of
from everprint.documents.xps_marks import Marks
from everprint.documents.xps_painter import EVERYWHERE, Frame, Painter
from everprint.documents.xps_parts import length
from everprint.documents.xps_pictures import Resources


@dataclass(frozen=True, slots=True)
class FixedPage:
    """Size in 1/96 inch, 0 where it is not said; `coloured` and `inked` are None where that cannot be told.

    It is not `whole` if there was no time for all of it.
    """

    width: float
    height: float
    coloured: bool | None
    inked: bool | None
    whole: bool = True


def read_page(pieces: Iterable[bytes], part: str, resources: Resources, deadline: float) -> FixedPage:
    """The page in a FixedPage part; at least its size, however late it is.

    Raises BadMarkup, and what the pieces raise.
    """
    reader = _PageReader(part, resources, deadline)
    try:
        read_xml(pieces, reader, deadline)
    except OutOfTime:
        return FixedPage(reader.width, reader.height, coloured=None, inked=None, whole=False)
    return FixedPage(reader.width, reader.height, reader.marks.coloured, reader.marks.inked)


class _PageReader:
    def __init__(self, part: str, resources: Resources, deadline: float) -> None:
        self.width = self.height = 0.0
        self.marks = Marks()
        self._painter = Painter(part, resources, deadline)
        self._frames: list[Frame] = []
        self._tree: list[Node] = []
        self._held = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        node = node_of(name, attributes)
        if not self._frames:
            if node.name != "FixedPage":
                raise BadMarkup("it is no FixedPage")
            self.width, self.height = length(attributes, "Width"), length(attributes, "Height")
            page = (0.0, 0.0, self.width or EVERYWHERE[2], self.height or EVERYWHERE[3])
            self._frames.append(Frame(clip=page))
        elif self._tree:
            self._held += 1
            if self._held > MOST_NODES:
                raise BadMarkup(f"one of its objects is made of more than {MOST_NODES} elements")
            self._tree[-1].children.append(node)
            self._tree.append(node)
        elif node.name == "Canvas":
            frame = self._frames[-1].within()
            self._painter.enter(node, frame)
            self._frames.append(frame)
        else:
            self._held = 0
            self._tree.append(node)

    def end(self, name: str) -> None:
        if not self._tree:
            if len(self._frames) > 1:  # the page's own frame stays: nothing comes after it
                self._frames.pop()
            return
        node = self._tree.pop()
        if not self._tree:
            self._painter.child(node, self._frames[-1], self.marks, depth=0)

    def text(self, text: str) -> None: ...

    def prefix(self, prefix: str, namespace: str) -> None: ...
