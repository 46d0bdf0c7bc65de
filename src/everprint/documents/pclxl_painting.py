"""Painting a PCL XL page: each operator between BeginPage and EndPage that moves, colours, clips or marks.

Marks go to PageLooks with their ink and place; nothing is drawn. Bitmaps are unpacked only where that can still
change what the page shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from everprint.documents.pclxl_image import Bitmap, Deadline
from everprint.documents.pclxl_ink import NOTHING, Ink, Paint, source_paint
from everprint.documents.pclxl_looks import Box, Mark, PageLooks
from everprint.documents.pclxl_path import Path, path_points
from everprint.documents.pclxl_state import GraphicsState, Point, box_of, is_upright, on_page, pair, rotation
from everprint.documents.pclxl_stream import Array, Reader, Value
from everprint.documents.pclxl_tags import Attribute, ColorSpace, Operator

_MOST_STATES = 1024  # of PushGS
_MOST_PATTERNS = 65536
_MOST_PALETTE = 256 * 3
_MOST_TEXT = 4096
_TEXT_REACH_MM = 12.7  # how far around its starting point a text is taken to be hidden by what covers that place


class Painting:
    """One page under way. `patterns` outlives it: the inks of the session's raster patterns."""

    def __init__(
        self,
        size: Point,
        units_per_mm: Point,
        *,
        data_big_endian: bool,
        patterns: dict[int, Paint],
        deadline: Deadline,
    ) -> None:
        self.looks = PageLooks()
        self._page_box = (0.0, 0.0, *size)
        self._units_per_mm = units_per_mm
        self._data_big_endian = data_big_endian
        self._patterns = patterns
        self._deadline = deadline
        self._state = GraphicsState(self._page_box)
        self._saved: list[GraphicsState] = []
        self._cursor: Point | None = None
        self._path = Path()
        self._bitmap: Bitmap | None = None
        self._bitmap_paint = NOTHING
        self._pattern_id: Value | None = None
        self._image_box: Box | None = None

    def paint_anything(self) -> None:
        """Notes that something unknown was painted: it may be of any ink, anywhere."""
        self._mark(Paint(Ink.COLOUR, certain=False), None, fills=True)

    # Graphics state.

    def push(self, reader: Reader) -> None:
        if len(self._saved) < _MOST_STATES:
            self._saved.append(replace(self._state))

    def pop(self, reader: Reader) -> None:
        if self._saved:
            self._state = self._saved.pop()

    def reset_state(self, reader: Reader) -> None:
        self._state = GraphicsState(self._page_box)

    def set_brush(self, reader: Reader) -> None:
        self._state.brush = self._source(reader)

    def set_pen(self, reader: Reader) -> None:
        self._state.pen = self._source(reader)

    def _source(self, reader: Reader) -> Paint:
        return source_paint(reader.attributes, self._state.space, self._state.palette, self._patterns)

    def set_color_space(self, reader: Reader) -> None:
        given = reader.attributes
        space = given.get(Attribute.COLOR_SPACE, given.get(Attribute.COLORIMETRIC_COLOR_SPACE))
        palette = given.get(Attribute.PALETTE_DATA)
        self._state.set_space(
            space if isinstance(space, int) else ColorSpace.RGB,
            palette.raw(_MOST_PALETTE) if isinstance(palette, Array) else b"",
        )

    def set_rop(self, reader: Reader) -> None:
        rop = reader.attributes.get(Attribute.ROP3)
        self._state.rop = rop if isinstance(rop, int) else -1

    def set_default_ctm(self, reader: Reader) -> None:
        self._state.matrix = GraphicsState(None).matrix

    def set_origin(self, reader: Reader) -> None:
        if (origin := pair(reader.attributes.get(Attribute.PAGE_ORIGIN))) is not None:
            self._state.move((1.0, 0.0, 0.0, 1.0, *origin))

    def set_scale(self, reader: Reader) -> None:
        if (scale := pair(reader.attributes.get(Attribute.PAGE_SCALE))) is not None:
            self._state.move((scale[0], 0.0, 0.0, scale[1], 0.0, 0.0))

    def set_rotation(self, reader: Reader) -> None:
        self._state.move(rotation(reader.attributes.get(Attribute.PAGE_ANGLE)))

    def clip_to_page(self, reader: Reader) -> None:
        self._state.clip = self._page_box

    def clip_rectangle(self, reader: Reader) -> None:
        given = reader.attributes
        box = box_of(given.get(Attribute.BOUNDING_BOX))
        self._clip(given, box if is_upright(self._state.matrix) else None, self._page_box)

    def clip_replace(self, reader: Reader) -> None:
        self._clip(reader.attributes, self._path_rectangle(), self._page_box)

    def clip_intersect(self, reader: Reader) -> None:
        self._clip(reader.attributes, self._path_rectangle(), self._state.clip)

    def _clip(self, given: dict[int, Value], box: Box | None, within: Box | None) -> None:
        placed = on_page(box, self._state.matrix)
        if given.get(Attribute.CLIP_REGION, 0) != 0 or placed is None or within is None:
            clip = None
        else:
            clip = (
                max(placed[0], within[0]),
                max(placed[1], within[1]),
                min(placed[2], within[2]),
                min(placed[3], within[3]),
            )
        self._state.clip = clip

    def _path_rectangle(self) -> Box | None:
        return self._path.around if self._path.rectangle and is_upright(self._state.matrix) else None

    # Paths and marks.

    def set_cursor(self, reader: Reader) -> None:
        self._cursor = pair(reader.attributes.get(Attribute.POINT))

    def move_cursor(self, reader: Reader) -> None:
        by = pair(reader.attributes.get(Attribute.POINT))
        self._cursor = (
            None if by is None or self._cursor is None else (self._cursor[0] + by[0], self._cursor[1] + by[1])
        )

    def new_path(self, reader: Reader) -> None:
        self._path = Path()

    def line_or_curve(self, reader: Reader) -> None:
        given = reader.attributes
        data = reader.data()
        points = path_points(reader.operator, given, reader.octets, data, self._cursor, self._data_big_endian)
        line = reader.operator in (Operator.LINE_PATH, Operator.LINE_REL_PATH)
        if points and self._cursor is not None:
            self._path.extend([self._cursor, *points] if self._path.empty else points, line=line)
        else:
            self._path.extend([])
        self._cursor = points[-1] if points else None

    def shape_path(self, reader: Reader) -> None:
        box = box_of(reader.attributes.get(Attribute.BOUNDING_BOX))
        self._path.add_box(box, rectangle=reader.operator == Operator.RECTANGLE_PATH)

    def text_path(self, reader: Reader) -> None:
        self._path.add_box(None, rectangle=False)
        self._cursor = None

    def paint_path(self, reader: Reader) -> None:
        if self._path.empty:
            return
        self._fill_and_stroke(self._path.around, solid=self._path.rectangle)

    def shape(self, reader: Reader) -> None:
        box = box_of(reader.attributes.get(Attribute.BOUNDING_BOX))
        self._fill_and_stroke(box, solid=reader.operator == Operator.RECTANGLE)

    def _fill_and_stroke(self, box: Box | None, *, solid: bool) -> None:
        state = self._state
        placed = on_page(box, state.matrix)
        self._mark(state.painted(state.brush), placed, fills=True, solid=solid and is_upright(state.matrix))
        if placed is not None:  # a line has a width, also where its box has none
            placed = (placed[0] - 1, placed[1] - 1, placed[2] + 1, placed[3] + 1)
        # A line in white covers little, but what it covers is not known.
        self._mark(state.painted(state.pen), placed, fills=False)

    def text(self, reader: Reader) -> None:
        text = reader.attributes.get(Attribute.TEXT_DATA)
        if isinstance(text, Array) and text.count == 0:
            return
        paint = self._state.painted(self._state.brush)
        if isinstance(text, Array) and not text.raw(_MOST_TEXT).strip(b" \0"):
            paint = replace(paint, certain=False)  # spaces, as far as one can see
        box = None
        if self._cursor is not None:
            x, y = self._cursor
            box = on_page((x, y, x, y), self._state.matrix)
        clip = self._state.clip
        if (
            box is not None
            and clip is not None
            and not (clip[0] <= box[0] <= clip[2] and clip[1] <= box[1] <= clip[3])
        ):
            paint = replace(paint, certain=False)
        if box is not None:
            reach = [_TEXT_REACH_MM * units for units in self._units_per_mm]
            box = (box[0] - reach[0], box[1] - reach[1], box[2] + reach[0], box[3] + reach[1])
        self._mark(paint, box, fills=False)
        self._cursor = None  # it is now at the end of the text, and only the font knows where that is
        if self.looks.has_enough_of(paint.ink):
            reader.pass_texts()  # they would prove what is proven many times already

    def scan_lines(self, reader: Reader) -> None:
        reader.data()
        self._mark(replace(self._state.painted(self._state.brush), certain=False), None, fills=True)

    def _mark(self, paint: Paint, box: Box | None, *, fills: bool, solid: bool = False) -> None:
        self.looks.add(Mark(paint, box, self._state.clip, fills, solid))

    # Bitmaps.

    def begin_image(self, reader: Reader) -> None:
        given = reader.attributes
        self._bitmap = Bitmap.begun(given, self._state.space, self._state.palette)
        self._bitmap_paint = NOTHING
        size, box = pair(given.get(Attribute.DESTINATION_SIZE)), None
        if size is not None and self._cursor is not None:
            x, y = self._cursor
            box = (x, y, x + size[0], y + size[1])
        self._image_box = on_page(box, self._state.matrix)

    def read_image(self, reader: Reader) -> None:
        given, data = reader.attributes, reader.data()
        if self._bitmap is None or data is None:
            return
        # What cannot change the verdict is not unpacked: the page shows as much already, and will after this.
        strongest = self._bitmap.unseen.ink
        if strongest <= self.looks.proven and not self.looks.may_cover(self._image_box):
            found = Paint(strongest, certain=False)
        else:
            found = self._bitmap.ink(reader.octets, data, given, self._deadline)
        self._note_block(found)

    def end_image(self, reader: Reader) -> None:
        if self._bitmap is not None and self._bitmap_paint.ink is not Ink.NONE:
            self._mark(self._state.painted_image(self._bitmap_paint), self._image_box, fills=True)
        self._bitmap = None

    def begin_pattern(self, reader: Reader) -> None:
        given = reader.attributes
        self._bitmap = Bitmap.begun(given, self._state.space, self._state.palette)
        self._bitmap_paint = NOTHING
        self._pattern_id = given.get(Attribute.PATTERN_DEFINE_ID)

    def read_pattern(self, reader: Reader) -> None:
        given, data = reader.attributes, reader.data()
        if self._bitmap is not None and data is not None:
            self._note_block(self._bitmap.ink(reader.octets, data, given, self._deadline))

    def end_pattern(self, reader: Reader) -> None:
        if self._bitmap is not None and isinstance(self._pattern_id, int) and len(self._patterns) < _MOST_PATTERNS:
            self._patterns[self._pattern_id] = self._bitmap_paint
        self._bitmap = None

    def _note_block(self, found: Paint) -> None:
        """Several blocks make one bitmap: the strongest ink holds, and of two equal ones the certain."""
        self._bitmap_paint = max(self._bitmap_paint, found, key=lambda paint: (paint.ink, paint.certain))


PAINTING: dict[int, Callable[[Painting, Reader], None]] = {
    Operator.PUSH_GS: Painting.push,
    Operator.POP_GS: Painting.pop,
    Operator.SET_DEFAULT_GS: Painting.reset_state,
    Operator.SET_BRUSH_SOURCE: Painting.set_brush,
    Operator.SET_PEN_SOURCE: Painting.set_pen,
    Operator.SET_COLOR_SPACE: Painting.set_color_space,
    Operator.SET_ROP: Painting.set_rop,
    Operator.SET_PAGE_DEFAULT_CTM: Painting.set_default_ctm,
    Operator.SET_PAGE_ORIGIN: Painting.set_origin,
    Operator.SET_PAGE_SCALE: Painting.set_scale,
    Operator.SET_PAGE_ROTATION: Painting.set_rotation,
    Operator.SET_CLIP_TO_PAGE: Painting.clip_to_page,
    Operator.SET_CLIP_RECTANGLE: Painting.clip_rectangle,
    Operator.SET_CLIP_REPLACE: Painting.clip_replace,
    Operator.SET_CLIP_INTERSECT: Painting.clip_intersect,
    Operator.SET_CURSOR: Painting.set_cursor,
    Operator.SET_CURSOR_REL: Painting.move_cursor,
    Operator.NEW_PATH: Painting.new_path,
    Operator.LINE_PATH: Painting.line_or_curve,
    Operator.LINE_REL_PATH: Painting.line_or_curve,
    Operator.BEZIER_PATH: Painting.line_or_curve,
    Operator.BEZIER_REL_PATH: Painting.line_or_curve,
    Operator.ARC_PATH: Painting.shape_path,
    Operator.CHORD_PATH: Painting.shape_path,
    Operator.ELLIPSE_PATH: Painting.shape_path,
    Operator.PIE_PATH: Painting.shape_path,
    Operator.RECTANGLE_PATH: Painting.shape_path,
    Operator.ROUND_RECTANGLE_PATH: Painting.shape_path,
    Operator.TEXT_PATH: Painting.text_path,
    Operator.PAINT_PATH: Painting.paint_path,
    Operator.CHORD: Painting.shape,
    Operator.ELLIPSE: Painting.shape,
    Operator.PIE: Painting.shape,
    Operator.RECTANGLE: Painting.shape,
    Operator.ROUND_RECTANGLE: Painting.shape,
    Operator.TEXT: Painting.text,
    Operator.SCAN_LINE_REL: Painting.scan_lines,
    Operator.BEGIN_IMAGE: Painting.begin_image,
    Operator.READ_IMAGE: Painting.read_image,
    Operator.END_IMAGE: Painting.end_image,
    Operator.BEGIN_RAST_PATTERN: Painting.begin_pattern,
    Operator.READ_RAST_PATTERN: Painting.read_pattern,
    Operator.END_RAST_PATTERN: Painting.end_pattern,
}
"""What each operator does; others change nothing of what is looked at."""
