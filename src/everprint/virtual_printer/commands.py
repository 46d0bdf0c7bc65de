"""The commands that make a printer misbehave and mend it: one table for the endpoint, the command line and the page.

Invariant: a command is checked whole before anything is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from everprint.virtual_printer.troubles import Refusal, Troubles


class Amount(StrEnum):
    """What the number after a command counts."""

    SHEETS = "sheets"
    PAGES_PER_MINUTE = "pages per minute"
    SECONDS = "seconds"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a printer can be told. `least` to `most` is what its number may be, `default` what none means."""

    name: str
    description: str
    amount: Amount | None = None
    least: float = 0
    most: float = 0
    default: float | None = None


_MOST_SHEETS = 1_000_000

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        Command("jam", "Paper jams, at once or after so many sheets.", Amount.SHEETS, most=_MOST_SHEETS, default=0),
        Command("clear", "Somebody takes the jammed paper out; the job goes on."),
        Command(
            "empty",
            "The paper runs out, at once or after so many sheets.",
            Amount.SHEETS,
            most=_MOST_SHEETS,
            default=0,
        ),
        Command("refill", "Somebody puts in paper without end; the job goes on."),
        Command("door-open", "Somebody opens the door: nothing prints."),
        Command("door-close", "The door is closed again; the job goes on."),
        Command("toner", "So much toner is left; a little warns, none stops.", Amount.PERCENT, most=100),
        Command("slow", "Print so many pages a minute; 0 is full speed.", Amount.PAGES_PER_MINUTE, most=10_000),
        Command("delay", "Take so long over every answer.", Amount.SECONDS, most=600),
        Command(
            "abort-after",
            "Abort the job in hand, or the next, after so many sheets.",
            Amount.SHEETS,
            most=_MOST_SHEETS,
        ),
        Command("busy", "Answer new jobs with server-error-busy."),
        Command("not-accepting", "Answer new jobs with server-error-not-accepting-jobs."),
        Command("accept", "Take new jobs again."),
        Command("garbage", "Answer IPP requests with nonsense."),
        Command("sane", "Answer IPP requests properly again."),
        Command("power-off", "Lose power: connections drop, the job in hand is lost."),
        Command("power-on", "Power is back."),
        Command("mend", "Everything is well again: jam, paper, door, toner, delay, refusals and nonsense are over."),
    )
}


class BadCommand(Exception):
    """A command that cannot be carried out; the text names what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A checked command with its number (0 if it takes none)."""

    name: str
    number: float = 0


def read_command(message: object) -> Told:
    """The command in a decoded JSON message, as {"do": "jam", "number": 3}.

    Raises BadCommand.
    """
    if not isinstance(message, Mapping):
        raise BadCommand('expected an object such as {"do": "jam"}')
    for key in message:
        if key not in ("do", "number"):
            raise BadCommand(f"{str(key)[:40]!r} is not a member of a command: expected do and perhaps number")
    name = message.get("do")
    if not isinstance(name, str) or name not in COMMANDS:
        raise BadCommand(f"do: {str(name)[:40]!r} is not a command, expected one of {', '.join(COMMANDS)}")
    return Told(name, _read_number(COMMANDS[name], message))


def _read_number(command: Command, message: Mapping[object, object]) -> float:
    number = message.get("number", command.default)
    if command.amount is None:
        if number is not None:
            raise BadCommand(f"number: {command.name} takes no number")
        return 0
    if number is None:
        raise BadCommand(f"number: {command.name} needs how many {command.amount}")
    whole = command.amount is Amount.SHEETS or command.amount is Amount.PERCENT
    if isinstance(number, bool) or not isinstance(number, int if whole else int | float):
        kind = "a whole number" if whole else "a number"
        raise BadCommand(f"number: expected {kind} of {command.amount}, not {str(number)[:40]!r}")
    if not command.least <= number <= command.most:
        raise BadCommand(
            f"number: expected {command.least:g} to {command.most:g} {command.amount}, not {str(number)[:40]}"
        )
    return number


def afflict(troubles: Troubles, told: Told) -> None:
    """Changes what is wrong as told. What concerns power and speed is the printer's own affair."""
    match told.name:
        case "jam":
            troubles.jam_after = int(told.number)
        case "clear":
            troubles.jammed, troubles.jam_after = False, None
        case "empty":
            troubles.paper_left = int(told.number)
        case "refill":
            troubles.paper_out, troubles.paper_left = False, None
        case "door-open" | "door-close":
            troubles.door_open = told.name == "door-open"
        case "toner":
            troubles.toner = int(told.number)
        case "delay":
            troubles.answer_delay_s = told.number
        case "abort-after":
            troubles.abort_after = int(told.number)
        case "busy" | "not-accepting":
            troubles.refusal = Refusal(told.name)
        case "accept":
            troubles.refusal = None
        case "garbage" | "sane":
            troubles.garbage = told.name == "garbage"
        case "mend":
            mended = Troubles()
            for name in Troubles.__slots__:
                setattr(troubles, name, getattr(mended, name))
    troubles.strike()
