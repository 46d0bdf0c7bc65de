"""Sends small documents to the guest of `rig.streaming_guest`, one after the other: how many, and how long each took.

Run by itself, where people are: ADDRESS PORT OCTETS SECONDS. Prints JSON.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from statistics import median

from streaming_client import connected  # beside this file: it is no package where people are


def main(address: str, port: int, octets: int, seconds: float) -> None:
    took: list[float] = []
    with connected(address, port) as connection, connection.makefile("rb") as answers:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.monotonic()
            connection.sendall(f"job {uuid.uuid4()} {octets}\n".encode() + bytes(octets))
            if not answers.readline().startswith(b"accepted"):
                raise SystemExit("a document was not accepted")
            took.append(time.monotonic() - begun)
    sys.stdout.write(json.dumps({"jobs_a_second": len(took) / seconds, "median_ms": 1000 * median(took)}))


if __name__ == "__main__":
    _, to, at, length, lasting = sys.argv
    main(to, int(at), int(length), float(lasting))
