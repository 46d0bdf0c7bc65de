"""A text as a QR code (ISO/IEC 18004): black squares of an SVG, sharp at every size."""

from __future__ import annotations

from typing import Literal, NamedTuple

_QUIET = 4  # modules around it that stay white, as the standard wants


class Squares(NamedTuple):
    """The path of all black squares, and the length of a side of the whole, both in modules."""

    path: str
    side: int


def squares_of(text: str, level: Literal["M", "Q"]) -> Squares:
    """The code; by its level of error correction about 15 % (M) or 25 % (Q) of it may be unreadable."""
    # What draws it is large, and whoever waits for a server to start would wait for it, too.
    from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

    code = QRCode(None, {"M": QRErrorCorrectLevel.M, "Q": QRErrorCorrectLevel.Q}[level])
    code.addData(text)
    code.make()
    size = code.getModuleCount()
    path = "".join(
        f"M{column + _QUIET} {row + _QUIET}h1v1h-1z"
        for row in range(size)
        for column in range(size)
        if code.isDark(row, column)
    )
    return Squares(path, size + 2 * _QUIET)


def svg_of(text: str) -> str:
    """A picture to be printed: up to a quarter of it may be unreadable."""
    path, side = squares_of(text, "Q")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )
