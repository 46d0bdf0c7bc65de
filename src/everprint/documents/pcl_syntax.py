"""How PCL 5 is written: text, control codes, and escape sequences, some of which are followed by binary data.

A sequence is ESC, a character that says it takes values (`! " # ... /`), a group (a small letter, or none), then
values, each followed by its command's letter. A small letter says that another value of the same group follows
(`ESC&l1o2A` is `ESC&l1O` and `ESC&l2A`), a capital one ends the sequence. Of some commands the value is the length
of the data after them, and only by reading those lengths can one tell data from commands.
PCL 5 Printer Language Technical Reference Manual, chapter 2.
"""

from __future__ import annotations

import mmap
import re

ESC = 0x1B
UEL = b"\x1b%-12345X"
"""Universal exit language: ends whatever language is being read and goes back to PJL."""

BEGIN = re.compile(rb"\x1b([!-/])([`-~]?)")
VALUE = re.compile(rb"([-+]?[0-9]*+\.?[0-9]*+) *+([@-^`-~])")
"""Possessive: digits without a letter after them must not be tried in all their divisions."""
ROW = re.compile(rb"\x1b\*b([0-9]{0,9})([VW])")
"""The sequence that most of a printer driver's output consists of: a row, or a plane of a row, of a picture."""

DISPLAY, DISPLAY_END = b"Y", b"\x1bZ"
"""Display functions: from ESC Y to ESC Z control codes are printed instead of obeyed."""

_MOST_DIGITS = 16


def has_data(command: bytes) -> bool:
    """Whether the value of this command (group and capital letter) is the length of data that follow it."""
    last = command[-1:]
    return (last == b"W" and command != b"&kW") or command in {b"*bV", b"&pX"}


def ends_sequence(letter: bytes) -> bool:
    """Whether the letter after a value is the last of its sequence."""
    return letter <= b"^"


def number(digits: bytes) -> float:
    """A value as it is written; none is 0."""
    try:
        return float(digits[:_MOST_DIGITS])
    except ValueError:
        return 0.0


def find_exit(octets: mmap.mmap, start: int, end: int) -> int:
    """Where UEL ends the PCL that begins at `start`; -1 if it does not. In binary data UEL is data.

    Only lengths are read, so it is as quick as reading can be.
    """
    at = start
    while (at := octets.find(b"\x1b", at, end)) >= 0:
        if (row := ROW.match(octets, at, end)) is not None:
            at = row.end() + int(row[1] or 0)
            continue
        if octets[at : min(at + len(UEL), end)] == UEL:
            return at
        begin = BEGIN.match(octets, at, end)
        if begin is None:
            at += 2
            continue
        at = begin.end()
        while (value := VALUE.match(octets, at, end)) is not None:
            at = value.end()
            if has_data(begin[1] + begin[2] + value[2].upper()):
                at += max(0, int(number(value[1])))
            if at >= end or ends_sequence(value[2]):
                break
    return -1
