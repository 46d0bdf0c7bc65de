"""`everprint server doctor`: is this installation set up well?"""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from everprint.cli.listing import as_json
from everprint.cli.server_setting_up import with_database

_MARKS = {"ok": "ok     ", "advice": "advice ", "problem": "PROBLEM"}


@click.command()
@as_json
@with_database
def doctor(as_json: bool) -> None:
    """Examine how this server is set up, and say what to do.

    Looks at files and whom they are open to, listeners, names and certificate, the database and its durability,
    clocks, administrators, Print Providers, scheduled work and the last audit of the ledger. Changes nothing; safe
    while the server runs. Exit code 1 if there is a problem; advice alone is 0.

    \b
    Examples:
      sudo -u everprint everprint server doctor
      everprint server doctor --json
    """
    from everprint.server.doctor.examination import examine
    from everprint.server.doctor.finding import Level
    from everprint.server.settings import CONFIGURATION

    findings = []
    for finding in examine(CONFIGURATION):
        findings.append(finding)
        if not as_json:
            click.echo(f"{_MARKS[finding.level]}  {finding.check}: {finding.found}")
            if finding.advice:
                click.echo(f"         -> {finding.advice}")
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        advised = sum(finding.level is Level.ADVICE for finding in findings)
        click.echo(f"{len(findings)} checks: {problems} problems, {advised} pieces of advice.")
    if problems:
        raise click.exceptions.Exit(1)
