"""What the elements of an XPS page paint, put into Marks in the order of painting (ECMA-388 sections 10 to 14).

A Frame is the state within a Canvas; paths, runs of glyphs and brushes are looked at one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from everprint.documents import xps_brushes
from everprint.documents.xml_stream import BadMarkup, read_xml
from everprint.documents.xps_brushes import MOST_NODES, Node, node_of, number, opacity_of
from everprint.documents.xps_geometry import (
    IDENTITY,
    NO_OUTLINE,
    Box,
    Matrix,
    Outline,
    common,
    move_box,
    multiply,
    numbers,
    parse_matrix,
    parse_outline,
)
from everprint.documents.xps_glyphs import Run
from everprint.documents.xps_marks import ANY_PAINT, NO_PAINT, Mark, Marks, Paint
from everprint.documents.xps_pictures import Resources

MOST_DEEP = 100
"""Canvases within canvases; a drawing that is a brush counts as DRAWING_DEEP of them."""
DRAWING_DEEP = 20
MOST_DRAWINGS = 10_000
"""That are brushes, on one page."""

EVERYWHERE: Box = (-1e9, -1e9, 1e9, 1e9)
_STATIC = "{StaticResource"


@dataclass(slots=True)
class Frame:
    """The state within a Canvas.

    `sure` is False where what is painted may not be seen after all; `masked`, where it may be seen through.
    """

    matrix: Matrix = IDENTITY
    clip: Box | None = EVERYWHERE
    opacity: float = 1.0
    sure: bool = True
    masked: bool = False
    dictionaries: tuple[dict[str, Node], ...] = ()

    def within(self) -> Frame:
        return replace(self)


@dataclass(slots=True)
class _Known:
    """Remote resource dictionaries by their parts, and drawings by their brushes: read once.

    A brush is kept with what is known of it, so that no other one can come to have its id.
    """

    remote: dict[str, dict[str, Node]] = field(default_factory=dict)
    drawings: dict[int, tuple[Node, Paint]] = field(default_factory=dict)
    drawn: int = 0


class Painter:
    """Puts what elements paint into Marks."""

    def __init__(self, part: str, resources: Resources, deadline: float) -> None:
        self._part = part
        self._resources = resources
        self._deadline = deadline
        self._known = _Known()

    def enter(self, canvas: Node, frame: Frame) -> None:
        """What the attributes of a Canvas, a Path or Glyphs change."""
        attributes = canvas.attributes
        if "RenderTransform" in attributes:
            self._transform(attributes["RenderTransform"], frame)
        if "Clip" in attributes:
            self._clip(self._outline(attributes["Clip"], frame), frame)
        frame.opacity *= opacity_of(attributes)
        if "OpacityMask" in attributes:
            frame.sure, frame.masked = False, True

    def child(self, node: Node, frame: Frame, marks: Marks, depth: int) -> None:
        """A child of a Canvas or FixedPage."""
        if depth > MOST_DEEP:
            raise BadMarkup(f"its drawings are nested deeper than {MOST_DEEP}")
        match node.name.rpartition(".")[2]:
            case "Path":
                self._path(node, frame, marks, depth)
            case "Glyphs":
                self._glyphs(node, frame, marks, depth)
            case "Canvas":
                self._canvas(node, frame, marks, depth)
            case "Resources":
                self._add_dictionary(node, frame)
            case "RenderTransform" | "Clip" | "OpacityMask":
                self._modify(node, frame)
            case _:
                self._strange(node, frame, marks, depth)

    def _canvas(self, node: Node, frame: Frame, marks: Marks, depth: int) -> None:
        inner = frame.within()
        self.enter(node, inner)
        for child in node.children:
            self.child(child, inner, marks, depth + 1)

    def _strange(self, node: Node, frame: Frame, marks: Marks, depth: int) -> None:
        """Markup for some readers only (ECMA-376-3), or of somebody's own: a printer may paint it or not."""
        if node.name in {"mc:AlternateContent", "mc:Choice", "mc:Fallback"}:
            inner = frame.within()
            inner.sure = False
            for child in node.children:
                self.child(child, inner, marks, depth + 1)
        elif frame.clip is not None:
            marks.add(ANY_PAINT, Mark(EVERYWHERE, EVERYWHERE, EVERYWHERE, sure=False), frame.clip)

    def _add_dictionary(self, node: Node, frame: Frame) -> None:
        for dictionary in node.children:
            source = dictionary.attributes.get("Source")
            holder = self._remote(source) if source else _by_key(dictionary)
            frame.dictionaries = (holder, *frame.dictionaries)

    def _remote(self, source: str) -> dict[str, Node]:
        found = self._resources.part(source, self._part)
        if found is None:
            return {}
        name, octets = found
        if name not in self._known.remote:
            reader = _DictionaryReader()
            read_xml([octets], reader, self._deadline)
            self._known.remote[name] = _by_key(reader.root) if reader.root else {}
        return self._known.remote[name]

    def _modify(self, node: Node, frame: Frame) -> None:
        value = node.children[0] if node.children else None
        if node.name.endswith(".OpacityMask"):
            frame.sure, frame.masked = False, True
        elif node.name.endswith(".Clip"):
            self._clip(self._outline(value, frame), frame)
        else:
            self._transform(value.attributes.get("Matrix", "") if value else "", frame)

    def _transform(self, text: str, frame: Frame) -> None:
        if text.startswith(_STATIC):
            found = _resource(text, frame)
            text = found.attributes.get("Matrix", "") if found else ""
        matrix = parse_matrix(text)
        if matrix is None:
            frame.sure = False  # where it is, nobody knows
        else:
            frame.matrix = multiply(matrix, frame.matrix)

    def _clip(self, outline: Outline, frame: Frame) -> None:
        if not outline.sound:
            frame.sure = False
            return
        box = outline.box(frame.matrix)
        frame.sure &= outline.is_rectangle(frame.matrix)
        frame.clip = common(frame.clip, box) if frame.clip and box else None

    def _outline(self, value: str | Node | None, frame: Frame) -> Outline:
        if isinstance(value, str):
            if not value.startswith(_STATIC):
                return parse_outline(value)
            value = _resource(value, frame)
        if value is None or value.name != "PathGeometry":
            return NO_OUTLINE
        return self._geometry(value, frame)

    def _geometry(self, node: Node, frame: Frame) -> Outline:
        """A PathGeometry (ECMA-388 section 11.2.1): in the abbreviated syntax, or element by element."""
        rule = "nonzero" if node.attributes.get("FillRule") == "NonZero" else "evenodd"
        transform = node.property("Transform")
        text = transform.attributes.get("Matrix", "") if transform else node.attributes.get("Transform", "")
        if text.startswith(_STATIC):
            found = _resource(text, frame)
            text = found.attributes.get("Matrix", "") if found else "?"
        matrix = parse_matrix(text) if text else IDENTITY
        if matrix is None:
            return NO_OUTLINE
        if figures := node.attributes.get("Figures"):
            drawn = parse_outline(figures)
            return Outline(drawn.subpaths, drawn.rule, matrix, drawn.sound)
        subpaths = []
        sound = True
        for figure in (child for child in node.children if child.name == "PathFigure"):
            points = numbers(figure.attributes.get("StartPoint", ""))
            for segment in figure.children:
                points += numbers(segment.attributes.get("Points", segment.attributes.get("Point", "")))
                # An arc bulges out of its points, and not every part of a figure need be drawn.
                sound &= segment.name != "ArcSegment" and "IsStroked" not in segment.attributes
            sound &= "IsFilled" not in figure.attributes
            if len(points) < 2 or len(points) % 2:
                return NO_OUTLINE
            subpaths.append(tuple(points))
        return Outline(tuple(subpaths), rule, matrix, sound)

    def _path(self, node: Node, outer: Frame, marks: Marks, depth: int) -> None:
        if self._is_settled(node, outer, marks):
            return
        frame = self._framed(node, outer)
        data = node.attributes.get("Data")
        outline = self._outline(data if data is not None else node.property("Data"), frame)
        box = outline.box(frame.matrix) if outline.subpaths and outline.sound else None
        if box is None and outline.sound:
            return  # an empty path paints nothing
        box = box or EVERYWHERE
        if frame.clip is None:
            return
        fill = self._brush(node, "Fill", frame, depth)
        if fill.effect:
            sure = frame.sure and fill is not ANY_PAINT and outline.paints(frame.matrix)
            marks.add(fill, Mark(box, box, box, sure, outline.is_rectangle(frame.matrix)), frame.clip)
        pen = self._brush(node, "Stroke", frame, depth)
        thickness = number(node.attributes, "StrokeThickness", 1.0)
        if pen.effect and thickness > 0:
            miter = max(number(node.attributes, "StrokeMiterLimit", 10.0), 2.0)
            a, b, c, d, _, _ = frame.matrix
            reach = thickness * miter / 2 * max(abs(a) + abs(c), abs(b) + abs(d))
            around = (box[0] - reach, box[1] - reach, box[2] + reach, box[3] + reach)
            marks.add(pen, Mark(around, around, box, frame.sure and outline.has_length()), frame.clip)

    def _is_settled(self, node: Node, frame: Frame, marks: Marks) -> bool:
        """Whether a path with nothing but a plain fill can be passed over, as most of a page of text can."""
        attributes = node.attributes
        fill = attributes.get("Fill", "{")
        if frame.masked or node.children or fill[0:1] != "#" or attributes.keys() - {"Fill", "Data"}:
            return False
        return marks.is_settled(xps_brushes.solid(self._resources.ink(fill, self._part), frame.opacity))

    def _glyphs(self, node: Node, outer: Frame, marks: Marks, depth: int) -> None:
        frame = self._framed(node, outer)
        ink = self._brush(node, "Fill", frame, depth)
        if marks.is_settled(ink):
            return
        run = Run(node.attributes)
        if not ink.effect or frame.clip is None or not run.may_show:
            return
        reach, first, heart = (move_box(box, frame.matrix) for box in (run.reach, run.first, run.heart))
        large_enough = heart[2] - heart[0] >= 0.1 and heart[3] - heart[1] >= 0.1
        marks.add(ink, Mark(reach, first, heart, frame.sure and run.shows and large_enough), frame.clip)

    def _framed(self, node: Node, outer: Frame) -> Frame:
        """The state for a Path or Glyphs: what its attributes and its property elements change."""
        frame = outer.within()
        self.enter(node, frame)
        for child in node.children:
            if child.name.endswith((".RenderTransform", ".Clip", ".OpacityMask")):
                self._modify(child, frame)
        return frame

    def _brush(self, node: Node, name: str, frame: Frame, depth: int) -> Paint:
        """What the attribute or the property element of that name paints with."""
        paint = self._unmasked_brush(node, name, frame, depth)
        return replace(paint, solid=False) if frame.masked and paint.solid else paint

    def _unmasked_brush(self, node: Node, name: str, frame: Frame, depth: int) -> Paint:
        text = node.attributes.get(name)
        if text is None:
            brush = node.property(name)
            return self._of_brush(brush, frame, depth) if brush else NO_PAINT
        if text.startswith(_STATIC):
            found = _resource(text, frame)
            return self._of_brush(found, frame, depth) if found else ANY_PAINT
        return xps_brushes.solid(self._resources.ink(text, self._part), frame.opacity)

    def _of_brush(self, brush: Node, frame: Frame, depth: int) -> Paint:
        opacity = frame.opacity * opacity_of(brush.attributes)
        if brush.name == "SolidColorBrush":
            return xps_brushes.solid(self._resources.ink(brush.attributes.get("Color", ""), self._part), opacity)
        if brush.name == "VisualBrush":
            return self._drawing(brush, frame, depth) if opacity > 0 else NO_PAINT
        transform = brush.property("Transform")
        text = brush.attributes.get("Transform", "")
        if text.startswith(_STATIC):
            transform = _resource(text, frame)
            if transform is None:
                return ANY_PAINT
        matrix = xps_brushes.brush_matrix(brush, transform, frame.matrix)
        if brush.name == "ImageBrush":
            source = xps_brushes.image_source(brush.attributes.get("ImageSource", ""))
            found = self._resources.picture(source, self._part)
            # Without a matrix nobody knows where; grey it is all the same.
            return xps_brushes.picture(brush, found, opacity, matrix or (0, 0, 0, 0, -1e9, -1e9))
        if brush.name in {"LinearGradientBrush", "RadialGradientBrush"} and matrix:
            return xps_brushes.gradient(brush, self._resources, self._part, opacity, matrix)
        return ANY_PAINT

    def _drawing(self, brush: Node, frame: Frame, depth: int) -> Paint:
        """A VisualBrush: grey if all of its drawing is, else nobody knows which part of it is seen."""
        known = self._known.drawings.get(id(brush))
        if known is not None:
            return known[1]
        text = brush.attributes.get("Visual", "")
        visual = _resource(text, frame) if text else brush.property("Visual")
        self._known.drawn += 1
        if visual is None or depth + DRAWING_DEEP > MOST_DEEP or self._known.drawn > MOST_DRAWINGS:
            return ANY_PAINT
        marks = Marks()
        self.child(visual, Frame(dictionaries=frame.dictionaries), marks, depth + DRAWING_DEEP)
        paint = Paint(
            coloured=False if marks.coloured is False else None, inked=False if marks.inked is False else None
        )
        self._known.drawings[id(brush)] = brush, paint
        return paint


def _by_key(dictionary: Node) -> dict[str, Node]:
    return {child.attributes["Key"]: child for child in dictionary.children if "Key" in child.attributes}


def _resource(text: str, frame: Frame) -> Node | None:
    """What `{StaticResource key}` means here; the innermost dictionary that has it."""
    key = text.removeprefix(_STATIC).strip().removesuffix("}").strip()
    return next((held[key] for held in frame.dictionaries if key in held), None)


class _DictionaryReader:
    """A remote resource dictionary."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._tree: list[Node] = []
        self._held = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        node = node_of(name, attributes)
        self._held += 1
        if self._held > MOST_NODES:
            raise BadMarkup(f"a resource dictionary is made of more than {MOST_NODES} elements")
        if self._tree:
            self._tree[-1].children.append(node)
        else:
            self.root = node
        self._tree.append(node)

    def end(self, name: str) -> None:
        self._tree.pop()

    def text(self, text: str) -> None: ...

    def prefix(self, prefix: str, namespace: str) -> None: ...
