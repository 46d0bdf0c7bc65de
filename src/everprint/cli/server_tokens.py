"""`everprint server token`: what programs sign in with at the JSON API."""

from __future__ import annotations

from datetime import timedelta

import click

from everprint.cli.command_list import CommandList
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database
from everprint.cli.server_users import ROLES, find


@click.group(cls=CommandList)
def token() -> None:
    """Tokens for the JSON API: making, listing and revoking them."""


@token.command()
@click.argument("name")
@click.option("--user", "user_name", required=True, help="The user for whom the token acts.")
@click.option("--permission", "permissions", multiple=True, help="Something that it may do; may be repeated.")
@click.option("--role", type=ROLES, help="Everything that this role may do, as far as the user may.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it is good.  [default: until it is revoked]")
@with_database
def add(name: str, user_name: str, permissions: tuple[str, ...], role: str | None, days: int | None) -> None:
    """Make the token NAME and print it, this once.

    \b
    Examples:
      everprint server token add nightly-report --user admin --permission view-jobs --permission view-users
      everprint server token add console --user admin --role operator --days 90
    """
    from django.utils import timezone

    from everprint.server.access.permissions import Permission, permissions_of
    from everprint.server.api.tokens import make_token

    owner = find(user_name)
    known = {permission.value: permission for permission in Permission}
    for said in permissions:
        if said not in known:
            raise click.UsageError(f"{said} is not a permission; expected one of: {', '.join(known)}")
    wanted = {known[said] for said in permissions}
    if role is not None:
        wanted |= {permission for permission in permissions_of(role) if owner.may(permission)}
    if not wanted:
        raise click.UsageError("give --permission or --role: a token without permissions opens nothing")
    expires_at = timezone.now() + timedelta(days=days) if days else None
    click.echo(make_token(owner, name, wanted, expires_at).text)


@token.command("list")
@as_json
@with_database
def list_tokens(as_json: bool) -> None:
    """List the tokens, revoked ones too. The tokens themselves are kept nowhere."""
    from everprint.server.api.models import ApiToken

    rows: list[dict[str, object]] = [
        {
            "name": found.name,
            "user": found.owner.name,
            "permissions": found.permissions,
            "made_at": found.made_at,
            "expires_at": found.expires_at,
            "revoked_at": found.revoked_at,
            "last_used_at": found.last_used_at,
        }
        for found in ApiToken.objects.select_related("owner")
    ]
    columns = ["name", "user", "permissions", "made_at", "expires_at", "revoked_at", "last_used_at"]
    print_rows(rows, columns, as_json=as_json, nothing="No tokens; `everprint server token add` makes one.")


@token.command()
@click.argument("name")
@click.option("--user", "user_name", required=True, help="The user for whom it acts.")
@with_database
def revoke(name: str, user_name: str) -> None:
    """End the token NAME at once and for ever."""
    from everprint.server.api.tokens import live_tokens, revoke_token

    found = live_tokens().filter(owner=find(user_name), name=name).first()
    if found is None:
        raise click.ClickException(f"{user_name} has no token {name}; `everprint server token list` names them all")
    revoke_token(found)
    click.echo(f"{name} is revoked.")
