"""A queue of CUPS that was adopted, from lp to the ledger: held over the limit, and printed after a top-up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from rig.cupsd import Cupsd, run_cupsd
from rig.everprint import everprint, run_provider
from rig.waiting import wait_for
from tests.acceptance.conftest import World

ONE_SIDED = Decimal("0.05") * 2 + Decimal("0.20")


@pytest.fixture(scope="module")
def desk(world: World) -> Iterator[Cupsd]:
    """A desktop whose one queue was made by CUPS, and adopted."""
    with (
        run_cupsd(own_backends=True, log_level="info") as cups,
        run_provider(world.server, "desk", cups_socket=str(cups.socket)) as provider,
    ):
        cups.add_driverless_queue("local", world.printer.uri)
        where = ["--server-bin", cups.folder / "bin", "--server-root", cups.server_root]
        everprint("provider", "cups", "adopt", "local", *where, environment=provider.environment)
        world.server.set_cost("local", "0.05", "0.20")
        provider.wait_for_queue("local")
        yield cups


def test_a_job_over_the_limit_prints_after_a_top_up_without_anybody_s_help(
    world: World, desk: Cupsd, new_user: Callable[..., str], report: Path
) -> None:
    user = new_user("0.10")
    job = desk.lp(report, "local", user=user)
    wait_for("CUPS to hold it", lambda: desk.job_state(job) == "pending-held", within_s=60, every_s=0.2)
    # Its own words, which whoever has subscribed to the job is given.
    assert f"[Job {job}] Job held indefinitely - account limit has been reached." in desk.log()
    assert world.printed(user) == []
    world.server.command("account", "adjust", user, "1.00", "--comment", "paid at the desk")
    assert desk.wait_for_end(job).state == "completed"
    assert world.charged(user) == [ONE_SIDED]
    assert world.printed(user) == [(3, 3, 1)]
    assert world.server.balance(user) == Decimal("1.10") - ONE_SIDED


def test_options_of_cups_are_printed_and_paid(
    world: World, desk: Cupsd, new_user: Callable[..., str], report: Path
) -> None:
    user = new_user("5.00")
    job = desk.lp(report, "local", user=user, options={"copies": "2", "sides": "two-sided-long-edge"})
    assert desk.wait_for_end(job).state == "completed"
    (logged,) = world.jobs_of(user)
    assert (logged["impressions"], logged["sheets"]) == (6, 4)
    assert world.printed(user) == [(4, 6, 2)]
