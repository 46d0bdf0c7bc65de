"""Documents whose truth is known because they are made here."""

from __future__ import annotations

import io
from pathlib import Path

from reportlab.lib.colors import black, red
from reportlab.pdfgen import canvas

A4, A3, A5 = (595.28, 841.89), (841.89, 1190.55), (419.53, 595.28)


def write_pdf(path: Path, kinds: str) -> Path:
    """One page a letter: g grey and c colour on A4, G and C on A3. Each page is a bar at its own height."""
    out = io.BytesIO()
    pdf = canvas.Canvas(out)
    for number, kind in enumerate(kinds):
        size = A3 if kind.isupper() else A4
        pdf.setPageSize(size)
        pdf.setFillColor(red if kind in "cC" else black)
        pdf.rect(40, size[1] - 100 - 60 * number, size[0] - 80, 50, fill=1, stroke=0)
        pdf.showPage()
    pdf.save()
    path.write_bytes(out.getvalue())
    return path
