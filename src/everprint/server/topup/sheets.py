"""Vouchers as PDF sheets of A4, ten cards on each, to be cut along the lines."""

from __future__ import annotations

import io
from collections.abc import Iterable

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from everprint.server.topup.vouchers import Card, grouped

_ACROSS, _DOWN = 2, 5
_WIDTH, _HEIGHT = 85 * mm, 54 * mm
_LEFT = (A4[0] - _ACROSS * _WIDTH) / 2
_TOP = A4[1] - (A4[1] - _DOWN * _HEIGHT) / 2


def draw_sheets(cards: Iterable[Card], batch: str, server_name: str, amounts: dict[int, str]) -> bytes:
    """The PDF; `amounts` is each card's value as people read it, by its number."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.setTitle(f"Vouchers {batch}")
    for place, card in enumerate(cards):
        on_page = place % (_ACROSS * _DOWN)
        if place and not on_page:
            canvas.showPage()
        row, column = divmod(on_page, _ACROSS)
        _draw(
            canvas,
            _LEFT + column * _WIDTH,
            _TOP - (row + 1) * _HEIGHT,
            card,
            batch,
            server_name,
            amounts[card.number],
        )
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw(canvas: Canvas, left: float, bottom: float, card: Card, batch: str, server_name: str, amount: str) -> None:
    canvas.setDash(1, 3)
    canvas.rect(left, bottom, _WIDTH, _HEIGHT)
    canvas.setDash()
    middle = left + _WIDTH / 2
    canvas.setFont("Helvetica", 9)
    canvas.drawCentredString(middle, bottom + 44 * mm, server_name[:60])
    canvas.setFont("Helvetica-Bold", 22)
    canvas.drawCentredString(middle, bottom + 31 * mm, amount)
    canvas.setFont("Courier-Bold", 14)
    canvas.drawCentredString(middle, bottom + 19 * mm, grouped(card.code))
    canvas.setFont("Helvetica", 8)
    canvas.drawCentredString(
        middle, bottom + 11 * mm, "Sign in, and type this code under My printing, Use a voucher."
    )
    until = f", good until {card.expires_on}" if card.expires_on else ""
    canvas.drawCentredString(middle, bottom + 5 * mm, f"{batch}/{card.number}{until}")
