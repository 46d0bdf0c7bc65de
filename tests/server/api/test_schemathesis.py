"""Other people's tester against the real server: no request makes it fail, and answers are as documented.

Its cases follow from the OpenAPI document and a fixed seed, so that a run is as the one before. It takes some minutes
on a quiet machine and several times that on a busy one: no limit of time says more than that it does not hang. In
`make test` it runs on PostgreSQL alone: SQLite takes all that PostgreSQL takes, and more.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.server.api.program import program
from tests.server.conftest import Database
from tests.server.serving import server_process, url_of
from tests.server.world import PrintServer, pages

# A text that is too long is refused by its characters (422) or, before that, by its octets (413).
CONFIGURATION = """
[phases.coverage]
unexpected-methods = []
generate-duplicate-query-parameters = false

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429]
"""
# Not asked: that all that fits a schema is done (a schema knows no rule such as "the name is taken"), and what a
# wrong token gets, which is 429 after a while (test_tokens).
NOT_ASKED = "positive_data_acceptance,ignored_auth"


@pytest.mark.timeout(3600)
def test_no_request_makes_the_server_fail_and_every_answer_is_as_documented(
    database: Database, tmp_path: Path
) -> None:
    print_server = PrintServer(queue={"hold": True})
    print_server.ask(print_server.job(), pages(3, 1))
    token = program().token
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)
    with server_process(database, tmp_path / "state") as process:
        command = [
            *(str(Path(sys.executable).with_name("schemathesis")), "run"),
            f"{url_of(process)}/api/v1/openapi.json",
            *("-H", f"Authorization: Bearer {token}"),
            *("--phases", "coverage,fuzzing"),
            *("--max-examples", "5"),
            *("--seed", "1"),
            *("--exclude-checks", NOT_ASKED),
            *("--suppress-health-check", "all"),
            *("--request-timeout", "600"),  # only whoever hangs is late: others may have the machine
            *("--generation-database", "none"),
            "--no-shrink",
            "--continue-on-failure",
        ]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert run.returncode == 0, f"{run.stdout[-8000:]}\n{run.stderr[-2000:]}\n{process.log_tail()}"
    assert " 0 tested" not in run.stdout
    assert "Tested:" in run.stdout
