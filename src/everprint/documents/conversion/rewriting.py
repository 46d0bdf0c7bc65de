"""Another PDF of the same pages: some of them, several on a side, copies one after the other (pikepdf).

What the document itself wished (ViewerPreferences) is not in it: the device is told all of it, or it is done here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf

from everprint.documents.conversion.geometry import Box, Matrix, place_cells
from everprint.documents.conversion.sheets import OutSide, OutSides
from everprint.documents.conversion.task import Conversion, ConversionFailed, Scaling
from everprint.documents.media import MM_PER_POINT
from everprint.documents.pdf_structure import with_a_true_page_tree

_PIECE_OCTETS = 256 << 10
_BOXES = ("/TrimBox", "/BleedBox", "/ArtBox")


def pdf_of(path: Path, conversion: Conversion) -> Iterator[bytes]:
    """The other PDF, piece by piece, once it is whole.

    Raises ConversionFailed, and Unreadable for a PDF that cannot be opened.
    """
    sides = OutSides(conversion)
    with tempfile.TemporaryFile(prefix="everprint-pdf-") as made:
        try:
            with _opened(path, len(conversion.pages)) as source, pikepdf.new() as pdf:
                _Writer(source, pdf, conversion, sides.number_up).write(sides)
                pdf.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        except (pikepdf.PdfError, ValueError, RuntimeError, OSError) as error:
            if isinstance(error, OSError):
                raise ConversionFailed(f"there is no room to convert it: {error.strerror}") from None
            raise ConversionFailed("its pages cannot be put into another PDF: it is damaged") from None
        made.seek(0)
        while piece := made.read(_PIECE_OCTETS):
            yield piece


def _opened(path: Path, pages: int) -> pikepdf.Pdf:
    with tempfile.TemporaryFile(prefix="everprint-pages-") as tree:
        pdf = pikepdf.open(path, suppress_warnings=True)
        if len(pdf.pages) != pages:
            pdf.close()
            tree.write(with_a_true_page_tree(path))
            pdf = pikepdf.open(tree, suppress_warnings=True)
    if len(pdf.pages) != pages:
        raise ConversionFailed(f"it has {len(pdf.pages)} pages now, and had {pages}")
    return pdf


class _Writer:
    """Puts sides into the new PDF."""

    def __init__(self, source: pikepdf.Pdf, pdf: pikepdf.Pdf, conversion: Conversion, number_up: int) -> None:
        self._source = source
        self._pdf = pdf
        self._conversion = conversion
        self._number_up = number_up
        self._forms: dict[int, pikepdf.Object] = {}
        self._sides: dict[tuple[int, ...], pikepdf.Object] = {}
        if number_up > 1:
            # Notes and form fields are no part of a page's content, and would stay behind.
            source.flatten_annotations("print")

    def write(self, sides: OutSides) -> None:
        """All of them."""
        for out in sides:
            if not out.side.cells:
                self._pdf.add_blank_page(page_size=self._size_of_last())
            elif self._number_up == 1:
                (page,) = out.side.cells
                assert page is not None
                self._pdf.pages.append(self._source.pages[page.number - 1])
            else:
                self._write_shared(out)

    def _size_of_last(self) -> tuple[float, float]:
        box = [float(edge) for edge in self._pdf.pages[-1].mediabox]
        return abs(box[2] - box[0]), abs(box[3] - box[1])

    def _write_shared(self, out: OutSide) -> None:
        """Several pages on a side; a side that is there already is shown again."""
        width, height = (edge / MM_PER_POINT for edge in out.size_mm)
        key = tuple(0 if page is None else page.number for page in out.side.cells)
        if key in self._sides:
            self._pdf.pages.append(pikepdf.Page(self._sides[key]))
            return
        sizes = [
            None if page is None else (page.width_mm / MM_PER_POINT, page.height_mm / MM_PER_POINT)
            for page in out.side.cells
        ]
        placed = place_cells(sizes, self._number_up, (width, height), self._conversion.margins, Scaling.FIT)
        page = self._pdf.add_blank_page(page_size=(width, height))
        forms, content = pikepdf.Dictionary(), list[str]()
        shown = [(cell, size) for cell, size in zip(out.side.cells, sizes, strict=True) if cell is not None]
        for (cell, size), place in zip(shown, placed, strict=True):
            assert size is not None
            name = f"/P{len(content)}"
            form = self._form(cell.number)
            forms[name] = form
            clip, matrix = _upward(place.clip, height), _of_form(form, size).then(place.matrix)
            matrix = matrix.then(Matrix(1, 0, 0, -1, 0, height))
            numbers = " ".join(
                f"{number:.5f}" for number in (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
            )
            content.append(f"q {clip} re W n {numbers} cm {name} Do Q")
        page.obj.Resources = pikepdf.Dictionary(XObject=forms)
        page.obj.Contents = self._pdf.make_stream("\n".join(content).encode())
        self._sides[key] = page.obj

    def _form(self, number: int) -> pikepdf.Object:
        if number not in self._forms:
            page = self._source.pages[number - 1]
            for box in _BOXES:
                if box in page.obj:
                    del page.obj[box]
            self._forms[number] = self._pdf.copy_foreign(page.as_form_xobject())
        return self._forms[number]


def _of_form(form: pikepdf.Object, size: tuple[float, float]) -> Matrix:
    """From the form's own space to that of its page, from the upper left corner, right and down."""
    bbox = [float(edge) for edge in form.get("/BBox", pikepdf.Array([0, 0, 1, 1])).as_list()]
    own = Matrix(*(float(number) for number in form.get("/Matrix", pikepdf.Array([1, 0, 0, 1, 0, 0])).as_list()))
    shown = Box(min(bbox[::2]), min(bbox[1::2]), max(bbox[::2]), max(bbox[1::2])).moved_by(own)
    width, height = (max(edge, 0.01) for edge in shown.size)
    across, down = size[0] / width, size[1] / height
    return Matrix(across, 0, 0, -down, -shown.left * across, shown.bottom * down)


def _upward(box: Box, height: float) -> str:
    """The rectangle as PDF has it: from its lower left corner, upward."""
    return f"{box.left:.3f} {height - box.bottom:.3f} {box.size[0]:.3f} {box.size[1]:.3f}"
