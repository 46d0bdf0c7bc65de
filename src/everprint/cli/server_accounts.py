"""`everprint server account` and `everprint server audit`: balances, and the proof that they are right."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal

import click

from everprint.cli.amounts import AMOUNT
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database


@click.group()
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
            "active": found.is_active,
        }
        for found in Account.objects.all()
    ]
    columns = ["name", "kind", "balance", "restricted", "overdraft", "active"]
    print_rows(rows, columns, as_json=as_json, nothing="No accounts.")


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
    from everprint.server.accounts.models import Account

    found = Account.objects.filter(name=name).first()
    if found is None:
        raise click.ClickException(f"there is no account {name}; `everprint server account list` names them all")
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
