"""The table of `make bench-cluster`: ratios to the boot of the run, targets, jobs, and measures that failed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.on_cluster.__main__ import image_figures, main, notes_of, with_health_timeout
from bench.on_cluster.boot import BOOT
from bench.on_cluster.failures import TITLES, figures_of
from bench.on_cluster.figure import COLUMNS, Figure, Jobs, Target, jobs_of, not_measured, table_of
from bench.on_cluster.measures import MEASURES, boot_of
from bench.report import markdown
from everprint.cluster.drill.balance import Balance
from everprint.cluster.drill.errors import DrillFailed
from everprint.cluster.drill.kinds import Kind
from everprint.cluster.drill.report import Report
from everprint.cluster.drill.watching import Times
from everprint.cluster.topology.reader import parse_topology
from rig.vm_lab import topology_text

BOOT_ROW = Figure(BOOT, (38.0, 40.0, 47.5), Target(10.0))


def balance(
    *,
    lost: tuple[str, ...] = (),
    twice: tuple[str, ...] = (),
    charged: tuple[str, ...] = (),
    free: tuple[str, ...] = (),
    unsettled: tuple[str, ...] = (),
) -> Balance:
    return Balance(22, 20, lost, twice, charged, free, unsettled, 6.0)


def report(kind: Kind, times: Times, what: Balance) -> Report:
    return Report(kind, "print", "lab", "server", "alpha", datetime.now(UTC), times, what)


def rows(figures: list[Figure], boot_s: float | None = 40.0) -> list[tuple[str, ...]]:
    return table_of("A table", figures, boot_s, []).rows


def test_ratios_are_to_the_median_boot_of_the_run() -> None:
    assert boot_of([Figure("other", (1.0,)), BOOT_ROW]) == 40.0
    assert boot_of([Figure("other", (1.0,))]) is None
    assert rows([BOOT_ROW, Figure("a kill", (50.0,)), Figure("a gap", (0.12, 0.2, 0.4))]) == [
        (BOOT, "40.0 (38.0-47.5)", "1.00", "10 s: not met", "-"),
        ("a kill", "50.0", "1.25", "-", "-"),
        ("a gap", "0.20 (0.12-0.40)", "0.0050", "-", "-"),
    ]


def test_without_a_boot_there_is_no_ratio() -> None:
    assert rows([Figure("a kill", (50.0,), Target(8.0, beside_boot=True))], None) == [
        ("a kill", "50.0", "-", "boot + 8 s", "-")
    ]


@pytest.mark.parametrize(("seconds", "verdict"), [(48.0, "met"), (48.1, "not met")])
def test_a_target_may_be_beside_what_a_boot_takes(seconds: float, verdict: str) -> None:
    assert Target(8.0, beside_boot=True).cell(seconds, 40.0) == f"boot + 8 s: {verdict}"


@pytest.mark.parametrize(("seconds", "verdict"), [(0.3, "met"), (0.31, "not met")])
def test_a_target_may_be_seconds_alone(seconds: float, verdict: str) -> None:
    assert Target(0.3).cell(seconds, None) == f"0.3 s: {verdict}"


def test_jobs_of_all_times_are_counted_together() -> None:
    found = jobs_of(
        [
            balance(lost=("a 1",), unsettled=("a 1", "a 2")),
            balance(twice=("b 1",), charged=("b 1",), free=("b 2", "b 3")),
        ]
    )
    assert found == Jobs(accepted=40, lost=2, twice=1, mischarged=3)
    assert found.cell() == "40 / 2 / 1 / 3"
    assert not found.are_right
    assert jobs_of([balance()]).are_right


@pytest.mark.parametrize("jobs", [Jobs(20, 1, 0, 0), Jobs(20, 0, 1, 0), Jobs(20, 0, 0, 1)])
def test_a_job_that_went_wrong_is_a_failure_and_a_target_that_was_not_met_is_none(jobs: Jobs) -> None:
    assert not Figure("a kill", (50.0,), jobs=jobs).is_well
    assert BOOT_ROW.is_well


def test_a_measure_that_failed_is_a_row_that_says_why() -> None:
    figure = not_measured("host kill", DrillFailed("waited 600 s in vain\n  for server to serve"))
    assert not figure.is_well
    assert rows([figure]) == [("host kill: waited 600 s in vain for server to serve", "failed", "-", "-", "-")]
    assert not_measured("lab", DrillFailed()).what == "lab: DrillFailed"


def test_a_drill_is_rows_of_what_happened_one_after_the_other() -> None:
    once = report(Kind.HOST, Times(4.0, 5.0, 8.0, 46.0), balance())
    again = report(Kind.HOST, Times(4.5, 5.5, 8.5, 50.0), balance())
    found = rows(figures_of(Kind.HOST, [once, again], [44.0, 45.0]))
    assert [(row[0], row[1], row[3], row[4]) for row in found] == [
        ("host kill: noticed by the engine", "4.25 (4.00-4.50)", "-", "-"),
        ("host kill: host certainly off", "5.25 (5.00-5.50)", "-", "-"),
        ("host kill: VM started again", "8.25 (8.00-8.50)", "-", "-"),
        ("host kill: last to next good answer of its health", "44.5 (44.0-45.0)", "boot + 8 s: met", "-"),
        ("host kill: to an answer of its API", "48.0 (46.0-50.0)", "boot + 8 s: met", "40 / 0 / 0 / 0"),
    ]


@pytest.mark.parametrize("kind", [Kind.VM, Kind.APPLICATION, Kind.PANIC])
def test_a_drill_that_takes_no_host_has_no_row_for_one(kind: Kind) -> None:
    found = rows(figures_of(kind, [report(kind, Times(9.0, None, 10.0, 50.0), balance())], [49.0]))
    assert len(found) == 4
    assert all(row[0].startswith(TITLES[kind]) for row in found)
    assert found[0][3] == ("10 s: met" if kind is Kind.APPLICATION else "-")


def test_the_table_is_markdown() -> None:
    result = table_of("A table", [BOOT_ROW], 40.0, ["Said beside it."])
    text = markdown({"processor": "one"}, [result])
    assert "| " + " | ".join(COLUMNS) + " |" in text
    assert f"| {BOOT} | 40.0 (38.0-47.5) | 1.00 | 10 s: not met | - |" in text
    assert "- Said beside it." in text


def test_an_image_that_was_there_has_no_seconds(tmp_path: Path) -> None:
    (tmp_path / "everprint.raw").write_bytes(bytes(range(256)) * 4096)
    (there,) = image_figures(tmp_path, None)
    assert (there.said, there.seconds) == ("was there", ())
    assert "everprint.raw 1 MiB" in there.what
    assert image_figures(tmp_path, 99.0)[0].seconds == (99.0,)


def test_the_labs_topology_with_another_health_timeout_is_one_and_the_notes_say_so() -> None:
    changed = with_health_timeout(topology_text(), 6)
    assert parse_topology(changed, "t.toml").timing.health_timeout_ms == 6000
    assert any("`health_timeout`, 6 s here" in note for note in notes_of(changed))
    assert any("`health_timeout`, 45 s here" in note for note in notes_of(topology_text()))


@pytest.fixture
def own_signals() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
def test_a_lab_that_does_not_come_up_is_a_row_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "everprint.raw").write_bytes(b"a disk without a kernel beside it")
    asked = ["--image", tmp_path / "image", "--folder", tmp_path / "lab", "--output", tmp_path / "kept.md"]
    done = CliRunner().invoke(main, [*map(str, asked), "--only", "boot"])
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("| image build: everprint.raw") and "| was there |" in line]
    assert [line for line in lines if line.startswith("| lab: ") and "| failed |" in line]
    assert "| lab: " in (tmp_path / "kept.md").read_text()
    assert not (tmp_path / "lab").exists()


def test_a_measure_that_nobody_knows_is_refused() -> None:
    refused = CliRunner().invoke(main, ["--only", "boot earthquake"])
    assert refused.exit_code == 2
    assert "there is no earthquake; there are boot, host, vm, application, panic, migration, drain" in refused.output
    assert next(iter(MEASURES)) == "boot"
