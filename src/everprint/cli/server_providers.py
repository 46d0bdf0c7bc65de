"""`everprint server provider`: which print servers belong to this installation."""

from __future__ import annotations

import json
from datetime import timedelta

import click

from everprint.cli.command_list import CommandList
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database


@click.group(cls=CommandList)
def provider() -> None:
    """Print Providers: enrolling them, and ending their credential."""


@provider.command()
@click.option("--hours", type=click.IntRange(1, 24 * 30), default=24, show_default=True, help="How long it is valid.")
@as_json
@with_database
def code(hours: int, as_json: bool) -> None:
    """Make a code with which one provider can be enrolled once.

    Give it to `everprint provider enrol` on the print server. It is shown only now.
    """
    from everprint.server.providers.enrolment import make_code

    made = make_code(None, timedelta(hours=hours))
    if as_json:
        click.echo(json.dumps({"code": made.code, "expires_at": made.expires_at.isoformat()}))
    else:
        click.echo(made.code)


@provider.command("list")
@as_json
@with_database
def list_providers(as_json: bool) -> None:
    """List the providers and when they were last heard of."""
    from everprint.server.providers.models import Provider

    rows: list[dict[str, object]] = [
        {
            "name": found.name,
            "id": str(found.pk),
            "software_version": found.software_version,
            "last_seen_at": found.last_seen_at,
            "revoked": found.is_revoked,
            "away_began": found.away_began,
            "away_ended": found.away_ended,
            "away_printed": found.away_printed,
            "away_unlogged": found.away_unlogged,
            "away_refused": found.away_refused,
        }
        for found in Provider.objects.all()
    ]
    columns = ["name", "id", "software_version", "last_seen_at", "revoked"]
    print_rows(rows, columns, as_json=as_json, nothing="No providers; `everprint server provider code` begins one.")


@provider.command()
@click.argument("name")
@with_database
def revoke(name: str) -> None:
    """End a provider's credential for ever, at once; its queues, jobs and charges stay.

    To let the machine print again, enrol it anew with a fresh code.
    """
    from everprint.server.providers.credentials import revoke as revoke_credential
    from everprint.server.providers.models import Provider

    found = Provider.objects.filter(name=name).first()
    if found is None:
        raise click.ClickException(f"there is no provider {name}; `everprint server provider list` names them all")
    revoke_credential(found)
    click.echo(f"{name} is revoked.")
