"""A batch of vouchers as files: cards to be cut from A4, and a table with the codes."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse

from everprint.server.pages.csv_export import Cell, csv_response
from everprint.server.pages.templatetags.everprint_pages import money
from everprint.server.settings import CONFIGURATION
from everprint.server.topup.models import VoucherBatch
from everprint.server.topup.vouchers import Card, cards_of, grouped


def pdf_answer(batch: VoucherBatch) -> HttpResponse:
    """The cards that are still good.

    Raises BadVoucher for a batch that was imported.
    """
    # As with reports: what draws a PDF is large, and not part of a start.
    from everprint.server.topup.sheets import draw_sheets

    cards = [card for card in cards_of(batch) if card.state == "good"]
    amounts = {card.number: money(card.value) for card in cards}
    sheets = draw_sheets(cards, batch.name, CONFIGURATION.server_name, amounts)
    answer = HttpResponse(sheets, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="vouchers-{batch.pk}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


def csv_answer(batch: VoucherBatch) -> StreamingHttpResponse:
    """All of them with their codes, as they can be imported elsewhere.

    Raises BadVoucher for a batch that was imported.
    """
    titles = ("number", "code", "value", "expires", "state")
    return csv_response("vouchers", titles, _rows(list(cards_of(batch))))


def _rows(cards: list[Card]) -> Iterator[list[Cell]]:
    for card in cards:
        last_day = card.expires_on.isoformat() if card.expires_on else None
        yield [card.number, grouped(card.code), card.value, last_day, card.state]
