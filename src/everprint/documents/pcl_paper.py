"""Paper by the number that PCL knows it by (`ESC&l#A`), and the length of a page in lines (`ESC&l#P`)."""

from __future__ import annotations

from everprint.documents.media import MM_PER_INCH, media_size

CUSTOM = 101
"""Its edges are set by `ESC&f#I` and `ESC&f#J`, in tenths of a point."""

# PCL 5 Comparison Guide, and what printer drivers for HP's, Kyocera's and Ricoh's printers send.
_NAMES = {
    1: "na_executive_7.25x10.5in",
    2: "na_letter_8.5x11in",
    3: "na_legal_8.5x14in",
    6: "na_ledger_11x17in",
    10: "na_foolscap_8.5x13in",
    11: "na_ledger_11x17in",
    12: "jis_b5_182x257mm",
    15: "na_invoice_5.5x8.5in",
    17: "om_16k_195x270mm",
    18: "om_16k_184x260mm",
    24: "iso_a6_105x148mm",
    25: "iso_a5_148x210mm",
    26: "iso_a4_210x297mm",
    27: "iso_a3_297x420mm",
    28: "iso_a2_420x594mm",
    29: "iso_a1_594x841mm",
    30: "iso_a0_841x1189mm",
    44: "jis_b6_128x182mm",
    45: "jis_b5_182x257mm",
    46: "jis_b4_257x364mm",
    71: "jpn_hagaki_100x148mm",
    72: "jpn_oufuku_148x200mm",
    73: "iso_a6_105x148mm",
    74: "na_index-4x6_4x6in",
    75: "na_index-5x8_5x8in",
    78: "na_index-3x5_3x5in",
    80: "na_monarch_3.875x7.5in",
    81: "na_number-10_4.125x9.5in",
    90: "iso_dl_110x220mm",
    91: "iso_c5_162x229mm",
    92: "iso_c6_114x162mm",
    100: "iso_b5_176x250mm",
}

_BY_LENGTH = (1, 2, 3, 6, 26, 27)
"""The papers that a page length in lines may mean."""

_LENGTH_TOLERANCE_MM = MM_PER_INCH / 6  # a line


def paper_size(code: int) -> tuple[float, float] | None:
    """Short and long edge in millimetres; None for a number that we do not know."""
    return media_size(_NAMES[code]) if code in _NAMES else None


def paper_of_length(length_mm: float, landscape: bool) -> tuple[float, float] | None:
    """The paper of which a page is that long, or, in landscape, that wide; None if there is none."""
    sizes = [size for code in _BY_LENGTH if (size := paper_size(code)) is not None]
    off_by, best = min((abs(size[0 if landscape else 1] - length_mm), size) for size in sizes)
    return best if off_by < _LENGTH_TOLERANCE_MM else None
