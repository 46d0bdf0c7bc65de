"""The host of a fault-tolerant VM dies while a client sends a document to it by one connection: again and again.

Run it by hand as root: `python -m tests.faults.lock_step --times 10`. Hosts of a lab with a real engine, and in the
VM a small guest that takes documents, or a print server from Everprint's own image (`--guest everprint`). Each time
the host that runs the VM loses its power in mid-document; the document must arrive whole by the same connection, its
job must be printed once and charged once, and the VM must be protected again by another host without anybody's doing.
Then the lost host is switched on for the next time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from rig.vm_lab import stop_at_signals
from tests.faults.lock_step.guest import Guest
from tests.faults.lock_step.pair import Round, running_pair
from tests.faults.lock_step.print_server import PrintServer
from tests.faults.lock_step.small_guest import SmallGuest

GUESTS: dict[str, type[Guest]] = {"small": SmallGuest, "everprint": PrintServer}
COLUMNS = ("", "lost host", "taken over after", "connection paused", "protected again after", "document")
COLUMNS += ("printed", "charged", "checkpoint")


def main() -> int:
    """The command; exit code 1 if the promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--guest", choices=list(GUESTS), default="small")
    arguments = parser.parse_args()
    rounds: list[Round] = []
    # However it ends, the lab and its guests end with it.
    stop_at_signals()

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    with (
        tempfile.TemporaryDirectory(prefix="everprint-lock-step-") as name,
        running_pair(Path(name), GUESTS[arguments.guest](), say) as pair,
    ):
        print("".join(f"| {column} " for column in COLUMNS) + "|")
        print("|--:|---|--:|--:|--:|---|--:|--:|--:|")
        for number in range(1, arguments.times + 1):
            one = pair.lose_host()
            rounds.append(one)
            print(f"| {number} {one.row()}", flush=True)
        wrong = pair.people.in_the_end()
    _sum_up(rounds)
    print(wrong or "In the end, too, each document is there once.")
    return 0 if all(one.outcome.is_right for one in rounds) and not wrong else 1


def _sum_up(rounds: list[Round]) -> None:
    if not rounds:
        return
    for what, seconds in (
        ("Taken over", [one.taken_over_s for one in rounds]),
        ("Paused", [one.paused_s for one in rounds]),
    ):
        print(f"{what}: {min(seconds):.1f} to {max(seconds):.1f} s, median {median(seconds):.1f} s.")


if __name__ == "__main__":
    sys.exit(main())
