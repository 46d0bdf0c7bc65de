"""Where Debian packages come from: the mirrors that this machine's own apt uses, in the order it uses them."""

from __future__ import annotations

import re

from everprint.cluster.image import recipe
from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.running import run

_FIELDS = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)"
_SUITES = re.compile(rf"{recipe.SUITE}(-updates|-security|/updates)?")


def read_sources() -> list[str]:
    """The lines of a sources.list(5) for the image's suite.

    Raises ImageError if apt knows none.
    """
    return choose_sources(run(["apt-get", "indextargets", "--format", _FIELDS, "Created-By: Packages"]))


def choose_sources(targets: str) -> list[str]:
    """The sources of Debian's own suites among what `apt-get indextargets` lists, each once.

    Raises ImageError if there is none.
    """
    found: dict[str, None] = {}
    for line in targets.splitlines():
        uri, release, component, origin = [*line.split("|"), "", "", "", ""][:4]
        if origin == "Debian" and component == "main" and _SUITES.fullmatch(release):
            found[f"deb {uri} {release} {component}"] = None
    if not any(f" {recipe.SUITE} " in line for line in found):
        raise ImageError(
            f"apt knows no package lists of Debian {recipe.SUITE} on this machine: run apt-get update, "
            f"or add a mirror of {recipe.SUITE} to /etc/apt/sources.list.d"
        )
    return list(found)
