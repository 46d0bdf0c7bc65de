"""What stands in deploy/monitoring is right by Prometheus's own tool, and speaks of metrics that there are."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "deploy" / "monitoring"
REFERENCE = (ROOT / "docs" / "reference" / "metrics.md").read_text("utf-8")
NAMED = re.compile(r"\b(?:everprint|process)_[a-z_]+")
DASHBOARD = json.loads((MONITORING / "grafana-dashboard.json").read_text("utf-8"))


@pytest.mark.parametrize(
    "arguments",
    [("check", "rules", "alerts.yml"), ("check", "config", "scrape.yml"), ("test", "rules", "alerts-test.yml")],
)
def test_prometheus_takes_it(arguments: tuple[str, ...]) -> None:
    checked = subprocess.run(["promtool", *arguments], cwd=MONITORING, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_rules_and_dashboard_speak_of_metrics_that_are_documented() -> None:
    expressions = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    expressions.append((MONITORING / "alerts.yml").read_text("utf-8"))
    used = {
        name.removesuffix("_bucket").removesuffix("_count") for text in expressions for name in NAMED.findall(text)
    }
    assert used
    assert used <= set(NAMED.findall(REFERENCE))


def test_each_panel_of_the_dashboard_has_a_place_of_its_own() -> None:
    seen: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & seen, panel["title"]
        seen |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def test_each_alert_says_what_to_do() -> None:
    rules = (MONITORING / "alerts.yml").read_text("utf-8")
    assert rules.count("- alert:") == rules.count("action:") == rules.count("summary:")
