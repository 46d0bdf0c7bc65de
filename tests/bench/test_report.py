"""Results are told as medians with their spread, and kept for programs and for the documentation."""

import json
from pathlib import Path

from bench.report import write_report
from bench.result import Result, ratio, spread


def test_a_spread_is_the_median_and_the_extremes() -> None:
    assert spread([1204.4]) == "1,204"
    assert spread([3, 1, 2]) == "2 (1-3)"
    assert spread([0.25, 0.75], digits=2) == "0.50 (0.25-0.75)"


def test_a_ratio_compares_medians() -> None:
    assert ratio([10, 30, 20], [10]) == "2.00 x"


def test_a_report_is_markdown_or_json_by_its_name(tmp_path: Path) -> None:
    result = Result("Jobs", ("side", "jobs/s"), [("Everprint | ours", "7")], ["What was measured."])
    write_report(tmp_path / "out.md", {"processor": "one"}, [result])
    assert (tmp_path / "out.md").read_text().splitlines()[2:] == [
        "- processor: one",
        "",
        "## Jobs",
        "",
        "| side | jobs/s |",
        "| --- | --: |",
        "| Everprint \\| ours | 7 |",
        "",
        "- What was measured.",
    ]
    write_report(tmp_path / "out.json", {"processor": "one"}, [result])
    kept = json.loads((tmp_path / "out.json").read_text())
    assert kept["results"][0]["rows"] == [["Everprint | ours", "7"]]
