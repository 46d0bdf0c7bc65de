"""An everprint command whose event loop hangs for ever at SIGUSR1; then it says so on standard error.

usage: hanging_loop.py COMMAND...
"""

from __future__ import annotations

import os
import signal
import sys
import time

from everprint.cli.main import everprint_command

SAYS = "the event loop hangs"


def hang(*_: object) -> None:
    # Called in the main thread, between two steps of whatever the loop does.
    os.write(sys.stderr.fileno(), f"{SAYS}\n".encode())
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, hang)
    everprint_command(sys.argv[1:], prog_name="everprint")
