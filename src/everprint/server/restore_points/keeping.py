"""How many restore points are kept, as the setting *restore_points_keep* says it: `24h 7d 5w 12m`."""

from __future__ import annotations

import re

PATTERN = r"^[1-9][0-9]{0,3}[hdwm]( [1-9][0-9]{0,3}[hdwm]){0,3}$"

_PERIODS = {"h": "hourly", "d": "daily", "w": "weekly", "m": "monthly"}


def keep_by_period(setting: str) -> dict[str, int]:
    """By restic's words: the newest of each of the last 24 hours that have one is *hourly*: 24, and so on."""
    return {_PERIODS[unit]: int(number) for number, unit in re.findall(r"([0-9]+)([hdwm])", setting)}
