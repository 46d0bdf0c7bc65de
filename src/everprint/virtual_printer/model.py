"""What a virtual printer is: the choices made when it was started, and the identity it keeps for ever."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from everprint.documents.result import Language
from everprint.virtual_printer.paper import SHORT_NAMES, Paper, papers_of

AUTOMATIC = "application/octet-stream"
"""The document format that leaves it to the printer to find out."""

LANGUAGES = {
    "application/pdf": Language.PDF,
    "application/postscript": Language.POSTSCRIPT,
    "image/pwg-raster": Language.PWG_RASTER,
    "image/urf": Language.URF,
    "image/jpeg": Language.JPEG,
}
"""What a virtual printer can be made to take."""

DOCUMENT_FORMATS = (AUTOMATIC, *LANGUAGES)
MAY_LACK = ("copies", "imposition-template", "multiple-document-handling", "number-up", "page-ranges")
"""Options that a simpler printer does not have."""


@dataclass(frozen=True, slots=True)
class Model:
    """The printer as its buyer would describe it; nothing here changes while it runs."""

    name: str
    printer_uuid: str  # urn:uuid:..., the same after every restart
    colour: bool
    loaded: tuple[Paper, ...]  # one a tray; the first is the default
    supported: tuple[Paper, ...]
    multiple_operation_time_out_s: int = 60
    document_formats: tuple[str, ...] = DOCUMENT_FORMATS
    lacks: frozenset[str] = frozenset()  # job template attributes that it does not have

    @property
    def default_paper(self) -> Paper:
        """What a job gets that does not choose."""
        return self.loaded[0]

    def takes(self, language: Language) -> bool:
        """True if it prints documents of that language; with all formats it is given what it can read."""
        if self.document_formats == DOCUMENT_FORMATS:
            return True
        return language in {LANGUAGES[name] for name in self.document_formats if name in LANGUAGES}

    @property
    def make_and_model(self) -> str:
        """The model's name as a driver list would show it."""
        return f"Everprint Virtual {'Colour' if self.colour else 'Mono'} Printer"


def build_model(
    name: str,
    printer_uuid: str,
    *,
    colour: bool,
    loaded: tuple[str, ...],
    multiple_operation_time_out_s: int = 60,
    document_formats: tuple[str, ...] = (),
    lacks: tuple[str, ...] = (),
) -> Model:
    """A model from what the command line says; `loaded` are short names of paper, no `document_formats` are all."""
    return Model(
        name=name,
        printer_uuid=printer_uuid,
        colour=colour,
        loaded=tuple(Paper(SHORT_NAMES[short]) for short in loaded),
        supported=papers_of(loaded),
        multiple_operation_time_out_s=multiple_operation_time_out_s,
        document_formats=(AUTOMATIC, *document_formats) if document_formats else DOCUMENT_FORMATS,
        lacks=frozenset(lacks),
    )


def keep_uuid(folder: Path) -> str:
    """The printer's *printer-uuid*, made on the first start in this folder and read ever after."""
    path = folder / "printer-uuid"
    try:
        return uuid.UUID(path.read_text("ascii").strip()).urn
    except FileNotFoundError:
        made = uuid.uuid4()
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{made}\n", "ascii")
    return made.urn
