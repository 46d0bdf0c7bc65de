"""Which languages can be converted. Light: a print server asks it at every start."""

from __future__ import annotations

import shutil

from everprint.documents.result import Language

DRAWN = frozenset({Language.JPEG, Language.PNG, Language.TIFF, Language.TEXT})
"""Their pages are drawn one by one."""

RUN = frozenset({Language.POSTSCRIPT})
"""Programs, which Ghostscript runs."""

CONVERTIBLE = frozenset({Language.PDF}) | DRAWN | RUN


def convertible_here() -> frozenset[Language]:
    """Those that can be converted on this machine: programs only where Ghostscript is installed."""
    return CONVERTIBLE if shutil.which("gs") else CONVERTIBLE - RUN
