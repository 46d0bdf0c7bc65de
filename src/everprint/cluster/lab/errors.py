"""What can go wrong with the lab, worded for who rehearses."""

from __future__ import annotations


class LabError(Exception):
    """The lab cannot do that; the text says why and what to do."""
