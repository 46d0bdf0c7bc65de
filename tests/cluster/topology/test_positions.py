"""The line of every value, however a TOML file is laid out."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everprint.cluster.topology.positions import Path, Positions

TEXT = '''\
# name = "not this"
name = "a # b"   # comment with [brackets]
text = """
[not.a.table]
x = 1
"""
list = [
  "one", # ]
  ["two"],
]
a.b = 1
inline = { x = "}", y = 2 }

[[hosts]]
name = "alpha"

[[hosts.fencing]]
agent = 'f"oo'
  [[hosts.fencing]]
  agent = "bar"
[hosts.extra]
key = 1

[[hosts]]
name = "beta"
"quoted" = 2
[[hosts.fencing]]
agent = "baz"
[timing]
token = "1 s"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("name",), 2),
        (("text",), 3),
        (("list",), 7),
        (("a", "b"), 11),
        (("inline",), 12),
        (("inline", "y"), 12),
        (("hosts", 0), 14),
        (("hosts", 0, "name"), 15),
        (("hosts", 0, "fencing", 0), 17),
        (("hosts", 0, "fencing", 0, "agent"), 18),
        (("hosts", 0, "fencing", 1, "agent"), 20),
        (("hosts", 0, "extra", "key"), 22),
        (("hosts", 1, "name"), 25),
        (("hosts", 1, "quoted"), 26),
        (("hosts", 1, "fencing", 0, "agent"), 28),
        (("timing", "token"), 30),
        (("hosts", 1, "missing"), 24),
        (("nowhere",), 1),
    ],
)
def test_every_value_has_its_line(path: Path, line: int) -> None:
    tomllib.loads(TEXT)
    assert Positions(TEXT).line_of(path) == line


@given(st.text(alphabet="ab=[]{}.,\"'#\n \\", max_size=60))
def test_it_ends_on_any_text(text: str) -> None:
    Positions(text)


def test_a_large_file_takes_a_moment_only() -> None:
    text = "".join(f'[[vms]]\nname = "v{number}"\nlist = [{"1, " * 50}]\n' for number in range(2000))
    assert Positions(text).line_of(("vms", 1999, "name")) == 3 * 1999 + 2
