"""The campus's directory as an external program: it prints a file of people, as they were or with some changed."""

from __future__ import annotations

from pathlib import Path

from bench.campus.fill import user_name
from bench.campus.sizes import Size

CHANGED = 100  # one of so many


def write_people(file: Path, size: Size, *, changed: bool) -> int:
    """Writes everybody; of the changed ones, every third has another group, another name or a new key (one person
    gone and one new). How many are changed."""
    lines = ["name,key,full_name,email,groups"]
    count = 0
    for number in range(1, size.users + 1):
        name, key, full_name = user_name(number), f"key-{number}", f"Person {number}"
        group = 1 + number % size.groups
        if changed and number % CHANGED == 0:
            count += 1
            match count % 3:
                case 0:
                    group = 1 + (number + 1) % size.groups
                case 1:
                    full_name = f"Person {number} Newname"
                case _:
                    name, key = f"new{number:07}", f"new-key-{number}"
        lines.append(f"{name},{key},{full_name},u{number}@campus.example,Group {group}")
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return count
