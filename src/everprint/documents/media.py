"""Paper sizes and their self-describing names (PWG 5101.1 section 5).

A name carries its own size, so the table below is only names; a size that is not in it gets a *custom* name.
Portrait and landscape are the same paper: names always have the short edge first.
"""

from __future__ import annotations

import functools
import re

MM_PER_INCH = 25.4
MM_PER_POINT = MM_PER_INCH / 72

TOLERANCE_MM = 2.0
"""How far each edge may be off: drivers round to points or dots and some crop to 594 by 840 points."""

LARGEST_MM = 100_000.0
"""A page beyond a hundred metres is a lie in a header, not a banner."""

# Name, and what people call it.
STANDARD: dict[str, str] = {
    "iso_a0_841x1189mm": "A0",
    "iso_a1_594x841mm": "A1",
    "iso_a2_420x594mm": "A2",
    "iso_a3_297x420mm": "A3",
    "iso_a4_210x297mm": "A4",
    "iso_a5_148x210mm": "A5",
    "iso_a6_105x148mm": "A6",
    "iso_a7_74x105mm": "A7",
    "iso_a8_52x74mm": "A8",
    "iso_a9_37x52mm": "A9",
    "iso_a10_26x37mm": "A10",
    "iso_a3-extra_322x445mm": "A3 Extra",
    "iso_a4-extra_235.5x322.3mm": "A4 Extra",
    "iso_a5-extra_174x235mm": "A5 Extra",
    "iso_ra3_305x430mm": "RA3",
    "iso_sra3_320x450mm": "SRA3",
    "iso_ra4_215x305mm": "RA4",
    "iso_sra4_225x320mm": "SRA4",
    "iso_b0_1000x1414mm": "B0",
    "iso_b1_707x1000mm": "B1",
    "iso_b2_500x707mm": "B2",
    "iso_b3_353x500mm": "B3",
    "iso_b4_250x353mm": "B4",
    "iso_b5_176x250mm": "B5",
    "iso_b6_125x176mm": "B6",
    "iso_b7_88x125mm": "B7",
    "iso_b8_62x88mm": "B8",
    "iso_c3_324x458mm": "C3 envelope",
    "iso_c4_229x324mm": "C4 envelope",
    "iso_c5_162x229mm": "C5 envelope",
    "iso_c6_114x162mm": "C6 envelope",
    "iso_c7_81x114mm": "C7 envelope",
    "iso_c6c5_114x229mm": "C6/C5 envelope",
    "iso_dl_110x220mm": "DL envelope",
    "na_letter_8.5x11in": "Letter",
    "na_legal_8.5x14in": "Legal",
    "na_ledger_11x17in": "Tabloid",
    "na_executive_7.25x10.5in": "Executive",
    "na_invoice_5.5x8.5in": "Statement",
    "na_foolscap_8.5x13in": "Foolscap",
    "na_oficio_8.5x13.4in": "Oficio",
    "na_govt-letter_8x10in": "8 x 10 in",
    "na_index-3x5_3x5in": "3 x 5 in",
    "na_index-4x6_4x6in": "4 x 6 in",
    "na_5x7_5x7in": "5 x 7 in",
    "na_index-5x8_5x8in": "5 x 8 in",
    "na_arch-a_9x12in": "Arch A",
    "na_arch-b_12x18in": "Arch B",
    "na_arch-c_18x24in": "Arch C",
    "na_arch-d_24x36in": "Arch D",
    "na_arch-e_36x48in": "Arch E",
    "na_super-b_13x19in": "Super B",
    "na_c_17x22in": "ANSI C",
    "na_d_22x34in": "ANSI D",
    "na_e_34x44in": "ANSI E",
    "na_monarch_3.875x7.5in": "Monarch envelope",
    "na_number-9_3.875x8.875in": "No. 9 envelope",
    "na_number-10_4.125x9.5in": "No. 10 envelope",
    "jis_b0_1030x1456mm": "JIS B0",
    "jis_b1_728x1030mm": "JIS B1",
    "jis_b2_515x728mm": "JIS B2",
    "jis_b3_364x515mm": "JIS B3",
    "jis_b4_257x364mm": "JIS B4",
    "jis_b5_182x257mm": "JIS B5",
    "jis_b6_128x182mm": "JIS B6",
    "jpn_hagaki_100x148mm": "Hagaki",
    "jpn_oufuku_148x200mm": "Oufuku",
    "jpn_chou3_120x235mm": "Chou 3 envelope",
    "jpn_chou4_90x205mm": "Chou 4 envelope",
    "jpn_kaku2_240x332mm": "Kaku 2 envelope",
    "oe_photo-l_3.5x5in": "3.5 x 5 in",
    "oe_square-photo_4x4in": "4 x 4 in",
    "oe_square-photo_5x5in": "5 x 5 in",
    "om_small-photo_100x150mm": "100 x 150 mm",
    "om_medium-photo_130x180mm": "130 x 180 mm",
    "om_large-photo_200x300mm": "200 x 300 mm",
    "om_folio_210x330mm": "Folio",
    "om_16k_195x270mm": "16K",
    "om_16k_184x260mm": "16K (184 x 260 mm)",
    "prc_32k_97x151mm": "32K",
    "roc_16k_7.75x10.75in": "16K (ROC)",
    "roc_8k_10.75x15.5in": "8K (ROC)",
}

_SIZE = re.compile(r"[a-z0-9][-a-z0-9.]*_(?:[-a-z0-9.]+_)?(\d{1,6}(?:\.\d{1,4})?)x(\d{1,6}(?:\.\d{1,4})?)(mm|in)")


def media_name(width_mm: float, height_mm: float) -> str:
    """The self-describing name of the paper that a page of this size is meant for.

    Raises ValueError for a size that no paper has: not positive, not finite, or beyond LARGEST_MM.
    """
    if not (0 < width_mm <= LARGEST_MM and 0 < height_mm <= LARGEST_MM):
        raise ValueError(f"a page of {width_mm} by {height_mm} mm is no paper size")
    return _name(round(min(width_mm, height_mm), 2), round(max(width_mm, height_mm), 2))


@functools.lru_cache(maxsize=1024)
def _name(short: float, long: float) -> str:
    off_by, name = min(
        (max(abs(short - size[0]), abs(long - size[1])), name) for name, size in _STANDARD_SIZES.items()
    )
    if off_by <= TOLERANCE_MM:
        return name
    size = f"{_decimal(short)}x{_decimal(long)}mm"
    return f"custom_{size}_{size}"


def _decimal(edge: float) -> str:
    """Hundredths of a millimetre at most, and never nothing."""
    return f"{max(edge, 0.01):.2f}".rstrip("0").rstrip(".")


def media_size(name: str) -> tuple[float, float] | None:
    """Short and long edge in millimetres that a self-describing name says; None if it is not such a name."""
    match = _SIZE.fullmatch(name)
    if match is None:
        return None
    unit = MM_PER_INCH if match[3] == "in" else 1.0
    edges = sorted((float(match[1]) * unit, float(match[2]) * unit))
    return (edges[0], edges[1]) if edges[0] > 0 else None


def media_label(name: str) -> str:
    """What people call it: *A4* for iso_a4_210x297mm, *100 x 90 mm* for a custom size, else the name itself."""
    if name in STANDARD:
        return STANDARD[name]
    size = media_size(name)
    return f"{size[0]:.6g} x {size[1]:.6g} mm" if size else name


def _sizes_of(names: dict[str, str]) -> dict[str, tuple[float, float]]:
    sizes = {}
    for name in names:
        size = media_size(name)
        assert size is not None, name
        sizes[name] = size
    return sizes


_STANDARD_SIZES = _sizes_of(STANDARD)
