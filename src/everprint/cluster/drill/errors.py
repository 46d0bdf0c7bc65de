"""What can go wrong with a drill, worded for who rehearses."""

from __future__ import annotations


class DrillFailed(Exception):
    """Something did not come, or came otherwise than it must; says what."""
