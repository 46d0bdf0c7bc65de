"""Everprint: print management that stays up."""

from importlib.metadata import version

__version__: str = version("everprint")
