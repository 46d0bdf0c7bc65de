"""In which line of a TOML file a value stands: Python's reader does not tell, and an error without it is a search.

Works on text that `tomllib` has accepted, so it need not find out whether it is TOML.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]
"""The way to a value: keys, and the number (from 0) in an array of tables."""

_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_VALUE_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*"
    r"|[\[\]{}]"
    r"|\n"
    r"|[^\"'\#\[\]{}\n]+",
    re.DOTALL,
)


class Positions:
    """The lines of a TOML text."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}
        self._read(text)

    def line_of(self, path: Path) -> int:
        """The line, from 1, of the value or of the nearest table that it is in."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def _read(self, text: str) -> None:
        table: Path = ()
        at, line = 0, 1
        while at < len(text):
            character = text[at]
            if character in " \t\r\n":
                line += character == "\n"
                at += 1
            elif character == "#":
                at = _end_of_line(text, at)
            elif character == "[":
                end = _end_of_line(text, at)
                names, _ = _key(text, at + text[at : at + 2].count("["))
                table = self._enter(names, is_array=text.startswith("[[", at))
                self._lines[table] = line
                if isinstance(table[-1], int):
                    self._lines.setdefault(table[:-1], line)  # of the array as a whole
                at = end
            else:
                names, at = _key(text, at)
                for depth in range(1, len(names) + 1):
                    self._lines.setdefault((*table, *names[:depth]), line)
                after = _end_of_value(text, at)
                line += text.count("\n", at, after)
                at = after

    def _enter(self, names: tuple[str, ...], *, is_array: bool) -> Path:
        path: Path = ()
        for name in names[:-1]:
            path = (*path, name)
            if path in self._tables:
                path = (*path, self._tables[path] - 1)
        path = (*path, names[-1])
        if is_array:
            self._tables[path] = self._tables.get(path, 0) + 1
            path = (*path, self._tables[path] - 1)
        return path


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _key(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """The dotted key that begins there, and where it ends."""
    names: list[str] = []
    while True:
        while at < len(text) and text[at] in " \t":
            at += 1
        part = _KEY_PART.match(text, at)
        if part is None:
            return tuple(names) or ("",), at
        names.append(part[0].strip("\"'"))
        at = part.end()
        while at < len(text) and text[at] in " \t":
            at += 1
        if not text.startswith(".", at):
            return tuple(names), at
        at += 1


def _end_of_value(text: str, at: int) -> int:
    """Where the line ends on which the value after the equals sign ends."""
    depth = 0
    while token := _VALUE_TOKEN.match(text, at):
        if token[0] == "\n" and depth == 0:
            return at
        depth += (token[0] in "[{") - (token[0] in "]}")
        at = token.end()
    return len(text)
