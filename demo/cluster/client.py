"""Somebody who prints all the time: `python -m demo.cluster.client DOCUMENT NAME URI URI ...`, on the lab's
side of the network.

One job after the other, to the next queue each time; a job that was not accepted is tried again at the other queue,
as people do. A line for each try on standard output. It ends when its standard input does, after its last job.
"""

from __future__ import annotations

import json
import select
import sys
import time
from itertools import count, cycle
from pathlib import Path

from rig import ipptool

USER = "alice"
_PAUSE_S = 3.0
_ANSWER_WITHIN_S = 30.0


def main() -> None:
    """Prints until nobody listens any more."""
    document, name, queues = Path(sys.argv[1]), sys.argv[2], cycle(sys.argv[3:])
    for number in count(1):
        if _is_over(_PAUSE_S):
            return
        for again in count(1):
            title = f"{name} {number}" if again == 1 else f"{name} {number}.{again}"
            if _print(title, document, next(queues)) or _is_over(0.5):
                break


def _print(title: str, document: Path, uri: str) -> bool:
    attributes = [
        f"ATTR name requesting-user-name {USER}",
        f"ATTR name job-name '{title}'",
        "ATTR mimeMediaType document-format application/pdf",
    ]
    began, clock = time.time(), time.monotonic()
    try:
        said = ipptool.ask(uri, "Print-Job", attributes, document=document, within_s=_ANSWER_WITHIN_S).status
    except ipptool.NoAnswer as error:
        said = str(error)
    is_accepted = said.startswith("successful-ok")
    took_s = time.monotonic() - clock
    line = {"title": title, "at": began + took_s, "took_s": took_s, "uri": uri, "is_accepted": is_accepted}
    sys.stdout.write(json.dumps(line | {"said": said}) + "\n")
    sys.stdout.flush()
    return is_accepted


def _is_over(within_s: float) -> bool:
    return bool(select.select([sys.stdin], [], [], within_s)[0])


if __name__ == "__main__":
    main()
