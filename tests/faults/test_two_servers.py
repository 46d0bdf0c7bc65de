"""Two servers on one database, both active: either may be killed at any moment, and nobody notices but the clock.

`make two-servers` makes a long run of it, of 2,000 jobs, and says how it went.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from rig import ipptool
from rig.everprint import run_provider, run_server, run_server_beside
from rig.postgresql import run_postgresql
from rig.virtual_printer import run_virtual_printer

ONE_PAGE = Path(__file__).parents[1] / "data" / "ipptool" / "onepage-a4.pdf"
JOBS = int(os.environ.get("EVERPRINT_TWO_SERVERS_JOBS", "40"))
KILLS_AT_LEAST = 4
CLIENTS = 4
PRICE = Decimal("0.10")


def test_either_server_is_killed_at_any_moment_and_every_job_is_printed_and_paid_once() -> None:
    chance, begun = random.Random(20261127), time.monotonic()
    with (
        run_postgresql(fsync=True) as postgresql,
        run_virtual_printer("--pictures", "none") as printer,
        run_server(postgresql.create_database("everprint")) as first,
        run_server_beside(first) as second,
        run_provider(first, further_servers=second.url, server_time_out_s="5") as provider,
    ):
        first.add_user("alice", str((JOBS + 1) * PRICE))
        first.add_printer("office", provider.name, printer.uri, "--failure-mode", "hold")
        first.set_cost("office", str(PRICE), str(PRICE))
        provider.wait_for_queue("office")

        accepted: list[str] = []
        submitting = [
            threading.Thread(target=_submit, args=(provider.uri("office"), range(client, JOBS, CLIENTS), accepted))
            for client in range(CLIENTS)
        ]
        for client in submitting:
            client.start()
        killed: Counter[str] = Counter()
        # Processes are started by this thread: they end with the thread that started them.
        while any(client.is_alive() for client in submitting) or killed.total() < KILLS_AT_LEAST:
            victim = chance.choice([first, second])
            time.sleep(chance.uniform(0.1, 1.5))
            victim.process.kill()
            killed[victim.url] += 1
            time.sleep(chance.uniform(0.0, 1.0))
            victim.process.start()
        for client in submitting:
            client.join()
        assert len(accepted) == JOBS, "a queue refused a job"
        assert set(killed) == {first.url, second.url}

        settled = second.wait_for_settled(JOBS, within_s=max(120, JOBS))
        assert Counter(job["state"] for job in settled) == {"completed": JOBS}
        assert Counter(job.job_name for job in printer.jobs()) == dict.fromkeys(accepted, 1)
        assert first.balance("alice") == PRICE

        # One alone is enough, also where the print server was not enrolled.
        first.process.kill()
        _submit(provider.uri("office"), [JOBS], accepted)
        second.wait_for_settled(JOBS + 1)
        assert len(printer.jobs()) == JOBS + 1
        assert second.balance("alice") == 0
        audit = second.command("audit")  # fails if anything is wrong with the ledger
        print(
            f"{JOBS + 1} jobs printed once and paid once; the servers were killed {killed[first.url]} and "
            f"{killed[second.url]} times; {time.monotonic() - begun:.0f} s; {audit.strip()}"
        )


def _submit(uri: str, numbers: Iterable[int], accepted: list[str]) -> None:
    for number in numbers:
        name = f"job {number}"
        lines = [
            "ATTR name requesting-user-name alice",
            f'ATTR name job-name "{name}"',
            "ATTR mimeMediaType document-format application/pdf",
        ]
        answer = ipptool.ask(uri, "Print-Job", lines, document=ONE_PAGE)
        if answer.status == "successful-ok":
            accepted.append(name)
