"""What a virtual printer is: the choices made when it was started, and the identity it keeps for ever."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from everprint.virtual_printer.paper import SHORT_NAMES, Paper, papers_of


@dataclass(frozen=True, slots=True)
class Model:
    """The printer as its buyer would describe it; nothing here changes while it runs."""

    name: str
    printer_uuid: str  # urn:uuid:..., the same after every restart
    colour: bool
    loaded: tuple[Paper, ...]  # one a tray; the first is the default
    supported: tuple[Paper, ...]
    multiple_operation_time_out_s: int = 60

    @property
    def default_paper(self) -> Paper:
        """What a job gets that does not choose."""
        return self.loaded[0]

    @property
    def make_and_model(self) -> str:
        """The model's name as a driver list would show it."""
        return f"Everprint Virtual {'Colour' if self.colour else 'Mono'} Printer"


def build_model(
    name: str, printer_uuid: str, *, colour: bool, loaded: tuple[str, ...], multiple_operation_time_out_s: int = 60
) -> Model:
    """A model from what the command line says; `loaded` are short names of paper."""
    return Model(
        name=name,
        printer_uuid=printer_uuid,
        colour=colour,
        loaded=tuple(Paper(SHORT_NAMES[short]) for short in loaded),
        supported=papers_of(loaded),
        multiple_operation_time_out_s=multiple_operation_time_out_s,
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
