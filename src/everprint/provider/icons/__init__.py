"""Pictures of a printer for clients' lists (*printer-icons*, PWG 5100.13 section 5.6.15), read once."""

from __future__ import annotations

from importlib.resources import files

from everprint.provider.addresses import ICON_PIXELS, ICONS

ICON_FILES: dict[str, bytes] = {
    f"{ICONS}/printer-{pixels}.png": (files(__package__) / f"printer-{pixels}.png").read_bytes()
    for pixels in ICON_PIXELS
}
