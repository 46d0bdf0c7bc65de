"""People of the mirror drill print at the same time on real parts, and all that comes of it is accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from demo.mirror.crowd import crowd_that_prints
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.people import Access, Asker
from everprint.cluster.drill.stage import Stage
from rig.everprint import ADMINISTRATOR, ADMINISTRATOR_PASSWORD, Provider, Server, run_provider, run_server
from rig.virtual_printer import run_virtual_printer

PATIENCE_S = 300.0
JOBS = 6


@contextmanager
def asked(server: Server, folder: Path) -> Iterator[Asker]:
    asker = Asker(list, folder, Access(server.url, name=ADMINISTRATOR, password=ADMINISTRATOR_PASSWORD))
    try:
        yield asker
    finally:
        asker.stop()


@pytest.fixture
def provider() -> Iterator[tuple[Server, Provider, str]]:
    with run_server() as server, run_virtual_printer("--pages-per-minute", "0", "--pictures", "none") as printer:
        server.add_user("alice", "100")
        with run_provider(server) as provider:
            server.add_printer("office", provider.name, printer.uri)
            server.set_cost("office", "0.05", "0.20")
            provider.wait_for_queue("office")
            yield server, provider, printer.uri


def test_each_job_is_told_of_once_and_what_was_paid_is_what_the_account_has_less(
    provider: tuple[Server, Provider, str], tmp_path: Path
) -> None:
    server, north, printer = provider
    with asked(server, tmp_path) as asker:
        stage = Stage(asker, "alice", [north.uri("office")], printer, None, is_free=False)
        with crowd_that_prints(list, tmp_path, stage, 2, PATIENCE_S, print) as crowd:
            crowd.wait_until_accepted(JOBS)
        outcome = crowd.outcome(JOBS)
        assert outcome.wrong() == []
        assert {one.title.rpartition(" ")[0] for one in outcome.tries} == {f"{crowd.label}-{n}" for n in (1, 2)}
        assert outcome.account.charged == outcome.balance.accepted * Decimal("0.05")

        # Money that goes another way is seen.
        account = next(user["account"] for user in asker.items("/users", "alice"))
        asker.call("POST", f"/accounts/{account}/adjustments", {"amount": "-1.00", "comment": "taken", "key": "1"})
        (said,) = crowd.outcome(JOBS).wrong()
        assert said.startswith(f"the jobs were charged {outcome.account.charged}, and the account has ")

        with pytest.raises(DrillFailed, match=r"jobs were accepted, and for 0.5 s none any more"):
            replace(crowd, patience_s=0.5).wait_until_accepted(1000)
