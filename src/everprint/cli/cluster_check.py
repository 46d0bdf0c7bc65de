"""`everprint cluster check`: what will hurt, before it does."""

from __future__ import annotations

import json
from pathlib import Path

import click

from everprint.cli.cluster_topology import hosts_of, topology_argument, topology_of, via_option
from everprint.cluster.check.finding import Finding, level_of
from everprint.cluster.check.live import check_hosts
from everprint.cluster.check.topology import check_topology
from everprint.monitor.health import Level

_COLOURS = {Level.FAIL: "red", Level.WARN: "yellow", Level.OK: "green"}


@click.command()
@topology_argument
@click.option("--live", is_flag=True, help="Also ask the hosts: clocks, versions, shared folders, power devices.")
@via_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def check(ctx: click.Context, topology: Path, *, live: bool, via: str | None, as_json: bool) -> None:
    """Find what will hurt before it does.

    Each finding says what is so, why it matters and what to do. Without --live nothing but the file is looked at.
    Exit code 0: nothing to mend (warnings at most); 1: something to mend; 2: the file has mistakes.

    \b
    Examples:
      everprint cluster check print.toml
      everprint cluster check print.toml --live --json
    """
    read = topology_of(topology)
    findings = check_topology(read)
    if live or via is not None:
        if read.hypervisor:
            raise click.UsageError("there is no host to ask: the hypervisor has them")
        findings += check_hosts(read, hosts_of(read, via))
    if as_json:
        report = {"status": level_of(findings).value, "findings": [finding.as_json() for finding in findings]}
        click.echo(json.dumps(report, indent=2))
    else:
        _tell(read.file, findings)
    if level_of(findings) is Level.FAIL:
        ctx.exit(1)


def _tell(file: str, findings: list[Finding]) -> None:
    for finding in findings:
        click.echo(
            f"{file}:{finding.line}: {click.style(finding.level.value, fg=_COLOURS[finding.level])}: "
            f"{finding.what} [{finding.code}]"
        )
        if finding.why:
            click.echo(f"    Why it matters: {finding.why}.")
        if finding.advice:
            click.echo(f"    What to do: {finding.advice}.")
    counts = {level: sum(finding.level is level for finding in findings) for level in Level}
    click.echo(f"{counts[Level.FAIL]} to mend, {counts[Level.WARN]} warnings.")
