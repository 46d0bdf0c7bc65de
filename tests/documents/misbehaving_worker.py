"""A worker that begins as it should and then does what its first argument says. Run by the pool's tests."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from everprint.documents import wire
from everprint.documents.result import Analysis, Confidence, Language

GOOD = wire.encode(wire.Analysed(Analysis(Language.PDF, Confidence.UNKNOWN, reason="said by the misbehaving worker")))


def main() -> None:
    behaviour = sys.argv[1]
    if behaviour == "exits before it is ready":
        sys.exit(7)
    if behaviour == "greets with garbage":
        os.write(1, b"hello, I am a worker")
        time.sleep(60)
    os.write(1, wire.encode(wire.Ready()))
    while prefix := os.read(0, wire.LENGTH_OCTETS):
        os.read(0, wire.body_length(prefix))
        misbehave(behaviour)


def misbehave(behaviour: str) -> None:
    match behaviour:
        case "exits":
            sys.exit(3)
        case "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "crashes":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "stops in the middle of its answer":
            os.write(1, GOOD[: len(GOOD) // 2])
            sys.exit(0)
        case "answers garbage":
            os.write(1, len(b"garbage").to_bytes(4, "big") + b"garbage")
        case "answers gigabytes":
            os.write(1, b"\xff\xff\xff\xff" + b"x" * 1000)
        case "answers without end":
            while True:
                os.write(1, b"\xff" * (1 << 16))
        case "answers nothing":
            os.write(1, b"\0\0\0\0")
        case "answers another question":
            os.write(1, wire.encode(wire.Drawn(b"a picture")))
        case "never answers":
            time.sleep(60)
        case "closes its pipes and stays":
            os.close(1)
            time.sleep(60)
        case "misbehaves every second time":
            mark = Path(os.environ["TMPDIR"]) / "answered"
            if mark.exists():
                sys.exit(3)
            mark.touch()
            os.write(1, GOOD)


main()
