"""A command whose output programs read puts no question into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from everprint.cli.main import everprint_command

SAMPLE = Path(__file__).parents[3] / "deploy" / "topologies" / "two-sites.toml"


@pytest.mark.parametrize("command", ["failover", "failback"])
def test_json_needs_yes(command: str) -> None:
    """Refused before any host is asked: the program that would reach them is none."""
    words = ["cluster", command, str(SAMPLE), "--site", "north", "--json", "--via", "/nowhere"]
    refused = CliRunner().invoke(everprint_command, words)
    assert refused.exit_code == 2
    assert "--json needs --yes" in refused.output


@pytest.mark.parametrize("command", ["failover", "failback"])
def test_only_the_site_of_the_replicas_is_meant(command: str) -> None:
    words = ["cluster", command, str(SAMPLE), "--site", "south", "--yes", "--via", "/nowhere"]
    refused = CliRunner().invoke(everprint_command, words)
    assert refused.exit_code == 2
    assert "replicas are at north, not at south" in refused.output
