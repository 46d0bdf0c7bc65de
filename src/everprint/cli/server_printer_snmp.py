"""`everprint server printer set-snmp` and `no-snmp`: how a printer is asked over SNMP."""

from __future__ import annotations

import sys

import click

from everprint.cli.server_setting_up import with_database
from everprint.contract.snmp import SnmpAuthentication, SnmpPrivacy, SnmpVersion

_PROVIDER = click.option("--provider", "provider_name", help="Needed if several providers have a queue of that name.")
_SECRETS = ("community", "authentication_key", "privacy_key")


@click.command("set-snmp")
@click.argument("name")
@_PROVIDER
@click.option("--snmp-version", "version", type=click.Choice([one.value for one in SnmpVersion]), help="1, 2c or 3.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where its agent listens, if not at 161.")
@click.option("--user-name", help="Of version 3.")
@click.option(
    "--snmp-authentication",
    "authentication",
    type=click.Choice([one.value for one in SnmpAuthentication]),
    help="How version 3 signs.",
)
@click.option(
    "--snmp-privacy",
    "privacy",
    type=click.Choice([one.value for one in SnmpPrivacy]),
    help="How version 3 enciphers.",
)
@click.option(
    "--check-counter/--no-check-counter",
    default=None,
    help="Settle jobs on the difference of the printer's counter, where that makes sense.",
)
@click.option(
    "--secrets-stdin",
    is_flag=True,
    help="Read the secrets from standard input, one a line, as community=..., authentication_key=... or "
    "privacy_key=...; those that are not there stay.",
)
@with_database
def set_snmp_command(
    name: str,
    provider_name: str | None,
    version: str | None,
    port: int | None,
    user_name: str | None,
    authentication: str | None,
    privacy: str | None,
    check_counter: bool | None,
    secrets_stdin: bool,
) -> None:
    """Have the printer NAME asked over SNMP: its supplies, alerts and counter. What is not said stays as it is.

    Secrets are read from standard input, for a command line is seen by everybody on the machine.

    \b
    Example:
      echo community=public | everprint server printer set-snmp office --snmp-version 2c --secrets-stdin
    """
    from everprint.cli.server_printers import find_printer
    from everprint.server.printers.snmp import BadSnmp, set_snmp

    said = {
        "version": version,
        "port": port,
        "user_name": user_name,
        "authentication": authentication,
        "privacy": privacy,
        "check_counter": check_counter,
    }
    given: dict[str, object] = {key: value for key, value in said.items() if value is not None}
    secrets = _read_secrets() if secrets_stdin else {}
    try:
        row = set_snmp(find_printer(name, provider_name), **given, **secrets)
    except BadSnmp as error:
        raise click.ClickException(str(error)) from error
    checked = ", and jobs are checked against its counter" if row.check_counter else ""
    click.echo(f"{name} is asked over SNMP, version {row.version}{checked}.")


@click.command("no-snmp")
@click.argument("name")
@_PROVIDER
@with_database
def no_snmp(name: str, provider_name: str | None) -> None:
    """Have the printer NAME not asked over SNMP any more, and forget the secrets.

    \b
    Example:
      everprint server printer no-snmp office
    """
    from everprint.cli.server_printers import find_printer
    from everprint.server.printers.snmp import remove_snmp

    remove_snmp(find_printer(name, provider_name))
    click.echo(f"{name} is not asked over SNMP.")


def _read_secrets() -> dict[str, object]:
    found: dict[str, object] = {}
    for line in sys.stdin.read(10_000).splitlines():
        key, equals, value = line.partition("=")
        if key not in _SECRETS or not equals:
            raise click.ClickException(f"expected {'=..., '.join(_SECRETS)}=... on standard input")
        found[key] = value
    return found
