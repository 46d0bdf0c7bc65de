"""What snmpd runs for the objects of a printer (pass_persist): each line of a file is an object, its type, its value.

snmpd asks on standard input, two or three lines a question, and reads the answers on standard output.
"""

from __future__ import annotations

import sys
from pathlib import Path

_NOTHING = "NONE"


def main() -> None:
    """Answers until snmpd closes its end."""
    said = Path(sys.argv[1])
    for line in iter(sys.stdin.readline, ""):
        match line.strip():
            case "PING":
                answer = "PONG"
            case "get":
                answer = _get(said, _oid(sys.stdin.readline()))
            case "getnext":
                answer = _next(said, _oid(sys.stdin.readline()))
            case _:
                answer = _NOTHING
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _objects(said: Path) -> dict[tuple[int, ...], str]:
    rows = (line.split("\t", 2) for line in said.read_text("utf-8").splitlines())
    return {_oid(oid): f"{oid}\n{kind}\n{value}" for oid, kind, value in rows}


def _get(said: Path, oid: tuple[int, ...]) -> str:
    return _objects(said).get(oid, _NOTHING)


def _next(said: Path, oid: tuple[int, ...]) -> str:
    objects = _objects(said)
    following = [one for one in objects if one > oid]
    return objects[min(following)] if following else _NOTHING


def _oid(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.strip().strip(".").split(".") if part)


if __name__ == "__main__":
    main()
