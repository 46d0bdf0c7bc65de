"""Everprint's own parts by their real commands: a job is printed, paid and logged, and survives a restart."""

from decimal import Decimal
from pathlib import Path

import pytest

from bench.requests import one_page_pdf
from rig import curl
from rig.everprint import CommandFailed, run_provider, run_server
from rig.virtual_printer import run_virtual_printer


def test_a_job_is_printed_once_and_paid_once_though_its_server_is_killed(tmp_path: Path) -> None:
    with (
        run_server() as server,
        run_provider(server) as provider,
        run_virtual_printer("--pictures", "none") as printer,
    ):
        server.add_user("anna", "1.00")
        server.add_printer("office", provider.name, printer.uri)
        server.set_cost("office", "0.05", "0.20")
        provider.wait_for_queue("office")
        name = curl.attribute(curl.NAME, "requesting-user-name", b"anna")
        body = curl.request(curl.PRINT_JOB, provider.uri("office"), name) + one_page_pdf()

        server.process.kill()
        http_status, answer = curl.post(provider.uri("office"), body, tmp_path)
        assert (http_status, curl.status_code(answer)) == (200, 0)
        server.process.start()

        (job,) = server.wait_for_settled(1)
        assert (job["state"], job["pages"], Decimal(str(job["charged"]))) == ("completed", 1, Decimal("0.05"))
        assert server.balance("anna") == Decimal("0.95")
        assert [printed.sheets_completed for printed in printer.jobs()] == [1]
        assert [row["state"] for row in provider.jobs()] == ["completed"]
        with pytest.raises(CommandFailed, match="there is no provider south"):
            server.add_printer("attic", "south", printer.uri)
