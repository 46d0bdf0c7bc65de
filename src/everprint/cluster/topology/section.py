"""Takes typed values out of one table of a TOML file. What is wrong is noted with its line, and reading goes on:
people see all their mistakes at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import TypeVar

from everprint.cluster.topology.model import Address, AddressRange
from everprint.cluster.topology.positions import Path, Positions
from everprint.cluster.topology.problem import Problem
from everprint.cluster.topology.quantities import mebibytes, milliseconds

Word = TypeVar("Word", bound=StrEnum)

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""Names become host names, domain names and resource ids: the narrowest of their grammars."""

_LONGEST_TEXT = 1024
_MOST_TABLES = 500


class Section:
    """A table, the way to it, and the problems that were found so far."""

    def __init__(
        self, table: Mapping[str, object], path: Path, positions: Positions, problems: list[Problem]
    ) -> None:
        self._table = table
        self._path = path
        self._positions = positions
        self._problems = problems
        self._asked_for: set[str] = set()

    @property
    def line(self) -> int:
        return self._positions.line_of(self._path)

    def refuse(self, key: str, what: str, advice: str) -> None:
        """Notes a problem with the value of this key."""
        self._problems.append(Problem(self._positions.line_of((*self._path, key)), what, advice))

    def text(self, key: str, default: str | None = None) -> str:
        """A text without control characters; required if there is no default."""
        value = self._value(key, required=default is None, expected="a text")
        if value is None:
            return default or ""
        if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= _LONGEST_TEXT:
            self.refuse(key, f"{key} is no text", f"write {key} as a text in quotes, in one line, not empty")
            return default or ""
        return value

    def name(self, key: str) -> str:
        """A name; required."""
        return self._matching(key, None)

    def reference(self, key: str, default: str | None = None) -> str:
        """The name of something else; required if there is no default."""
        return self._matching(key, default)

    def references(self, key: str) -> tuple[str, ...]:
        """Names of others; none if the key is not there."""
        value = self._value(key, required=False, expected="a list")
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(name, str) and NAME.fullmatch(name) for name in value):
            self.refuse(key, f"{key} is no list of names", f'write it as {key} = ["one", "two"]')
            return ()
        if len(set(value)) < len(value):
            self.refuse(key, f"{key} names something twice", "name each once")
        return tuple(value)

    def path(self, key: str, default: str | None = None) -> str:
        """An absolute path on the hosts."""
        text = self.text(key, default)
        if text and (not text.startswith("/") or "/../" in f"{text}/" or "//" in text):
            self.refuse(key, f"{text} is no absolute path", "begin it with / and write no ..")
        return text

    def word(self, key: str, words: type[Word], default: Word | None = None) -> Word:
        """One of a few words."""
        known = [word.value for word in words]
        value = self._value(key, required=default is None, expected=f"one of {', '.join(known)}")
        if value is None:
            return default or next(iter(words))
        if not isinstance(value, str) or value not in known:
            self.refuse(key, f"{key} cannot be {value!r}", _choose(str(value), known))
            return default or next(iter(words))
        return words(value)

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        value = self._value(key, required=default is None, expected="a whole number")
        if value is None:
            return least if default is None else default
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.refuse(key, f"{key} cannot be {value!r}", f"write a whole number from {least} to {most}")
            return least
        return value

    def yes_or_no(self, key: str, *, default: bool) -> bool:
        """true or false."""
        value = self._value(key, required=False, expected="true or false")
        if value is None:
            return default
        if not isinstance(value, bool):
            self.refuse(key, f"{key} cannot be {value!r}", "write true or false, without quotes")
            return default
        return value

    def integers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers; required."""
        value = self._value(key, required=True, expected="a list of numbers")
        if value is not None and (
            not isinstance(value, list) or not value or not all(type(one) is int for one in value)
        ):
            self.refuse(key, f"{key} is no list of numbers", f"write it as {key} = [1]")
            return ()
        return tuple(value) if isinstance(value, list) else ()

    def size(self, key: str, default: str | None = None) -> int:
        """A size in MiB."""
        return self._quantity(key, default, mebibytes, "a size")

    def time(self, key: str, default: str) -> int:
        """A time in ms."""
        return self._quantity(key, default, milliseconds, "a time")

    def address(self, key: str) -> Address:
        """An IP address; required."""
        return self._address(key, required=True) or ip_address("::")

    def optional_address(self, key: str) -> Address | None:
        """An IP address, or None if the key is not there."""
        return self._address(key, required=False)

    def address_range(self, key: str) -> AddressRange:
        """A network in CIDR notation; required."""
        text = self.text(key)
        try:
            return ip_network(text)
        except ValueError:
            if text:
                self.refuse(
                    key, f"{text} is no network", 'write it as "192.0.2.0/24", with no bits set behind the mask'
                )
            return ip_network("::/128")

    def texts(self, key: str) -> tuple[tuple[str, str], ...]:
        """A table of texts, in its order."""
        value = self._value(key, required=False, expected="a table")
        if value is None:
            return ()
        if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
            self.refuse(key, f"{key} is no table of texts", f'write it as {key} = {{ lanplus = "1" }}')
            return ()
        return tuple((str(name), str(text)) for name, text in value.items())

    def section(self, key: str) -> Section | None:
        """A table in this one."""
        value = self._value(key, required=False, expected="a table")
        if value is not None and not isinstance(value, dict):
            self.refuse(key, f"{key} is no table", f"write [{key}] and its values below")
            return None
        return None if value is None else self._below(value, (key,))

    def sections(self, key: str) -> list[Section]:
        """An array of tables in this one."""
        value = self._value(key, required=False, expected="tables")
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            self.refuse(key, f"{key} is no list of tables", f"begin each one with [[{key}]]")
            return []
        if len(value) > _MOST_TABLES:
            self.refuse(key, f"there are {len(value)} {key}", f"at most {_MOST_TABLES} can be planned")
            return []
        return [self._below(table, (key, number)) for number, table in enumerate(value)]

    def end(self) -> None:
        """Notes keys that nobody asked for."""
        for key in self._table.keys() - self._asked_for:
            self.refuse(key, f"{key} is not known here", _choose(key, sorted(self._asked_for)))

    def _below(self, table: dict[str, object], way: Path) -> Section:
        return Section(table, (*self._path, *way), self._positions, self._problems)

    def _value(self, key: str, *, required: bool, expected: str) -> object:
        self._asked_for.add(key)
        if key not in self._table and required:
            self.refuse(key, f"{key} is missing", f"add {key} = ..., {expected}")
        return self._table.get(key)

    def _matching(self, key: str, default: str | None) -> str:
        text = self.text(key, default)
        if text and not NAME.fullmatch(text):
            self.refuse(
                key, f"{text!r} cannot be a name", "use small letters, digits and -, at most 40, a letter first"
            )
        return text

    def _quantity(self, key: str, default: str | None, read: Callable[[str], int], kind: str) -> int:
        value = self._value(key, required=default is None, expected=kind)
        if value is None:
            return read(default) if default else 0
        try:
            quantity = read(str(value))
        except ValueError as error:
            self.refuse(key, f"{key} = {value!r} is no {kind.removeprefix('a ')}", str(error))
            return 0
        if quantity == 0:
            self.refuse(key, f"{key} is nothing", "write a quantity above 0")
        return quantity

    def _address(self, key: str, *, required: bool) -> Address | None:
        value = self._value(key, required=required, expected="an IP address")
        if value is None:
            return None
        try:
            return ip_address(str(value))
        except ValueError:
            self.refuse(key, f"{value!r} is no IP address", 'write one such as "192.0.2.11": names are not looked up')
            return None


def _choose(written: str, known: list[str]) -> str:
    close = difflib.get_close_matches(written, known, n=1)
    return f"did you mean {close[0]}" if close else f"known here: {', '.join(known)}"
