"""A text as a QR code (ISO/IEC 18004) in SVG: one path of black squares, sharp at every size."""

from __future__ import annotations

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

_QUIET = 4  # modules around it that stay white, as the standard wants


def svg_of(text: str) -> str:
    """The picture; up to a quarter of it may be unreadable."""
    code = QRCode(None, QRErrorCorrectLevel.Q)
    code.addData(text)
    code.make()
    size = code.getModuleCount()
    squares = "".join(
        f"M{column + _QUIET} {row + _QUIET}h1v1h-1z"
        for row in range(size)
        for column in range(size)
        if code.isDark(row, column)
    )
    whole = size + 2 * _QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{whole}v{whole}H0z"/><path d="{squares}"/></svg>'
    )
