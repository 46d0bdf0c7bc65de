"""The mirrors that the machine's own apt uses."""

from __future__ import annotations

import pytest

from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.mirror import choose_sources

TARGETS = """\
http://mirror.example/debian/|bookworm|main|Debian
http://mirror.example/debian/|bookworm|main|Debian
http://mirror.example/debian/|bookworm|contrib|Debian
http://mirror.example/debian/|bookworm-updates|main|Debian
http://mirror.example/security/|bookworm-security|main|Debian
http://mirror.example/debian/|bookworm-backports|main|Debian Backports
http://mirror.example/debian/|trixie|main|Debian
http://other.example/apt/|bookworm|main|Somebody
garbage
"""


def test_only_debians_own_suites_are_taken_each_once() -> None:
    assert choose_sources(TARGETS) == [
        "deb http://mirror.example/debian/ bookworm main",
        "deb http://mirror.example/debian/ bookworm-updates main",
        "deb http://mirror.example/security/ bookworm-security main",
    ]


@pytest.mark.parametrize("targets", ["", "http://mirror.example/security/|bookworm-security|main|Debian\n"])
def test_without_the_suite_itself_it_says_what_to_do(targets: str) -> None:
    with pytest.raises(ImageError, match="apt-get update"):
        choose_sources(targets)
