"""The numbers of PCL XL that decide what comes out: operators, attributes and paper (HP's PCL XL Feature Reference).

All protocol classes from 1.1 to 3.0 share them.
"""

from __future__ import annotations

from enum import IntEnum
from types import MappingProxyType


class Operator(IntEnum):
    """Operator tags that this reader acts on; any other from FIRST_OPERATOR to LAST_OPERATOR is passed over."""

    BEGIN_SESSION = 0x41
    END_SESSION = 0x42
    BEGIN_PAGE = 0x43
    END_PAGE = 0x44
    VENDOR_UNIQUE = 0x46
    OPEN_DATA_SOURCE = 0x48
    SET_DEFAULT_GS = 0x57
    BEGIN_STREAM = 0x5B
    READ_STREAM = 0x5C
    EXEC_STREAM = 0x5E
    REMOVE_STREAM = 0x5F
    POP_GS = 0x60
    PUSH_GS = 0x61
    SET_CLIP_REPLACE = 0x62
    SET_BRUSH_SOURCE = 0x63
    SET_CLIP_INTERSECT = 0x67
    SET_CLIP_RECTANGLE = 0x68
    SET_CLIP_TO_PAGE = 0x69
    SET_COLOR_SPACE = 0x6A
    SET_CURSOR = 0x6B
    SET_CURSOR_REL = 0x6C
    SET_PAGE_DEFAULT_CTM = 0x74
    SET_PAGE_ORIGIN = 0x75
    SET_PAGE_ROTATION = 0x76
    SET_PAGE_SCALE = 0x77
    SET_PEN_SOURCE = 0x79
    SET_ROP = 0x7B
    SET_PATH_TO_CLIP = 0x80
    NEW_PATH = 0x85
    PAINT_PATH = 0x86
    ARC_PATH = 0x91
    BEZIER_PATH = 0x93
    BEZIER_REL_PATH = 0x95
    CHORD = 0x96
    CHORD_PATH = 0x97
    ELLIPSE = 0x98
    ELLIPSE_PATH = 0x99
    LINE_PATH = 0x9B
    LINE_REL_PATH = 0x9D
    PIE = 0x9E
    PIE_PATH = 0x9F
    RECTANGLE = 0xA0
    RECTANGLE_PATH = 0xA1
    ROUND_RECTANGLE = 0xA2
    ROUND_RECTANGLE_PATH = 0xA3
    TEXT = 0xA8
    TEXT_PATH = 0xA9
    BEGIN_IMAGE = 0xB0
    READ_IMAGE = 0xB1
    END_IMAGE = 0xB2
    BEGIN_RAST_PATTERN = 0xB3
    READ_RAST_PATTERN = 0xB4
    END_RAST_PATTERN = 0xB5
    SCAN_LINE_REL = 0xB9
    PASS_THROUGH = 0xBF


FIRST_OPERATOR, LAST_OPERATOR = 0x41, 0xBF


class Attribute(IntEnum):
    """Attribute ids that this reader looks at."""

    PALETTE_DEPTH = 0x02
    COLOR_SPACE = 0x03
    NULL_BRUSH = 0x04
    NULL_PEN = 0x05
    PALETTE_DATA = 0x06
    PALETTE_INDEX = 0x07
    PATTERN_SELECT_ID = 0x08
    GRAY_LEVEL = 0x09
    RGB_COLOR = 0x0B
    PRIMARY_ARRAY = 0x0E
    MEDIA_SIZE = 0x25
    ORIENTATION = 0x28
    PAGE_ANGLE = 0x29
    PAGE_ORIGIN = 0x2A
    PAGE_SCALE = 0x2B
    ROP3 = 0x2C
    CUSTOM_MEDIA_SIZE = 0x2F
    CUSTOM_MEDIA_SIZE_UNITS = 0x30
    PAGE_COPIES = 0x31
    SIMPLEX_PAGE_MODE = 0x34
    DUPLEX_PAGE_MODE = 0x35
    DUPLEX_PAGE_SIDE = 0x36
    BOUNDING_BOX = 0x42
    END_POINT = 0x45
    POINT = 0x4C
    NUMBER_OF_POINTS = 0x4D
    START_POINT = 0x4F
    POINT_TYPE = 0x50
    CONTROL_POINT_1 = 0x51
    CONTROL_POINT_2 = 0x52
    CLIP_REGION = 0x53
    COLOR_DEPTH = 0x62
    BLOCK_HEIGHT = 0x63
    COLOR_MAPPING = 0x64
    COMPRESS_MODE = 0x65
    DESTINATION_SIZE = 0x67
    PATTERN_DEFINE_ID = 0x69
    SOURCE_HEIGHT = 0x6B
    SOURCE_WIDTH = 0x6C
    PAD_BYTES_MULTIPLE = 0x6E
    COLORIMETRIC_COLOR_SPACE = 0x11
    DATA_ORG = 0x82
    MEASURE = 0x86
    UNITS_PER_MEASURE = 0x89
    STREAM_NAME = 0x8B
    VU_EXTENSION = 0x91
    VU_DATA_LENGTH = 0x92
    TEXT_DATA = 0xAB


class ColorSpace(IntEnum):
    """Values of ColorSpace and ColorimetricColorSpace."""

    BI_LEVEL = 0
    GRAY = 1
    RGB = 2
    CRGB = 5
    SRGB = 6
    GRAY_SUB = 7


class Compression(IntEnum):
    """Values of CompressMode."""

    NONE = 0
    RLE = 1
    JPEG = 2
    DELTA_ROW = 3


MM_PER_MEASURE = (25.4, 1.0, 0.1)
"""By Measure: inch, millimetre, tenth of a millimetre."""

DEFAULT_PAPER = 96
"""MediaSize for whatever the printer has."""

MEDIA_MM = MappingProxyType(
    {
        0: (215.9, 279.4),
        1: (215.9, 355.6),
        2: (210.0, 297.0),
        3: (184.15, 266.7),
        4: (279.4, 431.8),
        5: (297.0, 420.0),
        6: (104.78, 241.3),  # Com-10 envelope
        7: (98.43, 190.5),  # Monarch envelope
        8: (162.0, 229.0),  # C5
        9: (110.0, 220.0),  # DL
        10: (257.0, 364.0),  # JIS B4
        11: (182.0, 257.0),  # JIS B5
        12: (176.0, 250.0),  # ISO B5, the envelope
        13: (182.0, 257.0),
        14: (100.0, 148.0),  # Japanese postcards
        15: (148.0, 200.0),
        16: (148.0, 210.0),
        17: (105.0, 148.0),
        18: (128.0, 182.0),  # JIS B6
        19: (267.0, 390.0),  # 8K
        20: (195.0, 267.0),  # 16K
        21: (216.0, 330.0),  # JIS Executive
    }
)
"""Short and long edge by MediaSize, in millimetres."""

MEDIA_NAMED = MappingProxyType(
    {
        "LETTER": 0,
        "LEGAL": 1,
        "A4": 2,
        "EXEC": 3,
        "EXECUTIVE": 3,
        "LEDGER": 4,
        "11X17": 4,
        "A3": 5,
        "COM10": 6,
        "MONARCH": 7,
        "C5": 8,
        "DL": 9,
        "JB4": 10,
        "JISB4": 10,
        "JB5": 11,
        "JISB5": 11,
        "B5": 12,
        "JPOST": 14,
        "JPOSTD": 15,
        "A5": 16,
        "A6": 17,
        "JB6": 18,
        "JISB6": 18,
        "JIS8K": 19,
        "JIS16K": 20,
        "JISEXEC": 21,
    }
)
"""MediaSize by the name that makers may write instead of its number (protocol class 2.1), without spaces."""
