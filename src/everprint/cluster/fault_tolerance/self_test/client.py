"""The client of the trial: its answers as they come."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from itertools import pairwise


class NoAnswer(Exception):
    """The guest is silent, or hung up. Says which."""


@dataclass
class Client:
    """The process that counts with the guest by one connection."""

    process: asyncio.subprocess.Process
    answers: list[tuple[float, int]] = field(default_factory=list)
    """When on the monotonic clock, and the number."""

    async def read(self) -> None:
        """Notes answers until there are no more."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            at, number = json.loads(line)
            self.answers.append((at, number))

    async def more(self, count: int, within_s: float) -> None:
        """Waits for so many further answers.

        Raises NoAnswer.
        """
        wanted = len(self.answers) + count
        try:
            async with asyncio.timeout(within_s):
                while len(self.answers) < wanted:
                    if self.process.returncode is not None:
                        assert self.process.stderr is not None
                        said = (await self.process.stderr.read()).decode(errors="replace").strip()
                        raise NoAnswer(f"the open connection was lost ({said[-200:]})")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise NoAnswer(f"the open connection is silent for {within_s:.0f} s") from None

    def longest_gap_s(self, since: float) -> float:
        """Between two answers of which the later came after that moment."""
        return max((b - a for (a, _), (b, _) in pairwise(self.answers) if b >= since), default=0.0)
