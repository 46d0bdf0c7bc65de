"""`everprint server account` and `everprint server audit`: balances, and the proof that they are right."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from everprint.cli.amounts import AMOUNT
from everprint.cli.command_list import CommandList
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database

if TYPE_CHECKING:
    from everprint.server.accounts.models import Account


@click.group(cls=CommandList)
def account() -> None:
    """Accounts: what people and groups have to print with."""


@account.command("list")
@as_json
@with_database
def list_accounts(as_json: bool) -> None:
    """List all accounts, the system's own too."""
    from everprint.server.accounts.models import Account

    rows: list[dict[str, object]] = [
        {
            "name": found.name,
            "kind": found.kind,
            "balance": found.balance,
            "restricted": found.restricted,
            "overdraft": found.overdraft,
            "offline_credit": found.offline_credit,
            "active": found.is_active,
        }
        for found in Account.objects.all()
    ]
    columns = ["name", "kind", "balance", "restricted", "overdraft", "offline_credit", "active"]
    print_rows(rows, columns, as_json=as_json, nothing="No accounts.")


@account.command("set-offline-credit")
@click.argument("name")
@click.argument("amount", type=AMOUNT, required=False)
@click.option("--default", "as_all", is_flag=True, help="As the setting offline_credit says, like everybody.")
@with_database
def set_offline_credit(name: str, amount: Decimal | None, as_all: bool) -> None:
    """Set what the account NAME can print for while this server is away for a print server.

    It bounds what can be printed before this server is told; with 0, nothing that costs.

    \b
    Examples:
      everprint server account set-offline-credit alice 20.00
      everprint server account set-offline-credit alice --default
    """
    from everprint.server.accounts.holders import set_offline_credit as set_account

    if (amount is None) is not as_all:
        raise click.UsageError("give an AMOUNT, or --default")
    set_account(_find_account(name).pk, amount)
    click.echo(f"{name}: offline credit {'as for everybody' if amount is None else f'{amount:f}'}.")


@account.command(context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("amount", type=AMOUNT)
@click.option("--comment", required=True, help="Why; it is on the account's statement.")
@click.option("--key", help="Repeating the command with the same key changes nothing: for scripts that try again.")
@with_database
def adjust(name: str, amount: Decimal, comment: str, key: str | None) -> None:
    """Add AMOUNT to the account NAME, or take it if AMOUNT is negative.

    \b
    Examples:
      everprint server account adjust alice 5.00 --comment "paid at the desk"
      everprint server account adjust alice -1.20 --comment "wrong refund" --key correction-2026-11-22
    """
    from everprint.server.accounts.holders import new_key
    from everprint.server.accounts.ledger import adjust as adjust_account

    found = _find_account(name)
    balance = adjust_account(found.pk, amount, comment, None, f"cli:{key}" if key else new_key("cli"))
    click.echo(f"{name}: the balance is {balance:f}.")


@click.command()
@as_json
@with_database
def audit(as_json: bool) -> None:
    """Prove the ledger: every balance is the sum of its entries, every transaction balances, no floor is broken.

    Exit code 1 if anything is wrong. Safe while the server runs.
    """
    from everprint.server.accounts.audit import audit as audit_ledger

    result = audit_ledger()
    if as_json:
        click.echo(json.dumps(asdict(result), indent=2))
    else:
        for finding in result.findings:
            click.echo(f"{finding.what} {finding.where}: {finding.message}", err=True)
        verdict = f"{len(result.findings)} findings" if result.findings else "all is right"
        click.echo(f"{result.accounts} accounts, {result.transactions} transactions: {verdict}.")
    if result.findings:
        raise click.exceptions.Exit(1)


def _find_account(name: str) -> Account:
    from everprint.server.accounts.models import Account

    found = Account.objects.filter(name=name).first()
    if found is None:
        raise click.ClickException(f"there is no account {name}; `everprint server account list` names them all")
    return found
