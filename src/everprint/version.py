"""Which release this is, as it was installed."""

from __future__ import annotations


def version() -> str:
    """The release's number. Looked up when it is asked for: importing what looks it up is a part of every start."""
    from importlib import metadata

    return metadata.version("everprint")
