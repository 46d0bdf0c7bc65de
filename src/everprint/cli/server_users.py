"""`everprint server user`: who may print and who may administer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from everprint.cli import passwords
from everprint.cli.amounts import AMOUNT
from everprint.cli.command_list import CommandList
from everprint.cli.imports import print_import
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database

if TYPE_CHECKING:
    from everprint.server.people.models import User

DAY = click.DateTime(["%Y-%m-%d"])
ROLES = click.Choice(["administrator", "operator", "user"])


@click.group(cls=CommandList)
def user() -> None:
    """Users: who they are, what they may, their cards; importing, merging and redacting them."""


@user.command()
@click.argument("name")
@click.option("--full-name", default="", help="As people call them.")
@click.option("--email", default="", help="Where messages go.")
@click.option("--department", default="", help="What they work for; one that is not there yet is made.")
@click.option("--office", default="", help="Where they work; one that is not there yet is made.")
@click.option("--role", type=ROLES, default="user", show_default=True, help="What they may do.")
@click.option("--credit", type=AMOUNT, default="0", help="What their account starts with.  [default: 0]")
@click.option("--no-password", is_flag=True, help="They print by name from trusted networks and cannot sign in.")
@passwords.option
@with_database
def add(
    name: str,
    full_name: str,
    email: str,
    department: str,
    office: str,
    role: str,
    credit: Decimal,
    no_password: bool,
    password_file: Path | None,
) -> None:
    """Add a user, with an account of their own.

    \b
    Example:
      everprint server user add alice --full-name "Alice Adams" --credit 10.00
    """
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user

    password = None if no_password else passwords.get_password(password_file)
    made = create_user(
        name,
        full_name=full_name,
        email=email,
        department=department,
        office=office,
        role=Role(role),
        password=password,
        credit=credit,
    )
    click.echo(f"{made.name} is a user now.")


@user.command("list")
@as_json
@with_database
def list_users(as_json: bool) -> None:
    """List the users with their balances."""
    from everprint.server.people.models import User
    from everprint.server.people.workplaces import name_of

    rows: list[dict[str, object]] = [
        {
            "name": found.name,
            "full_name": found.full_name,
            "department": name_of(found.department),
            "office": name_of(found.office),
            "role": found.role,
            "active": found.is_active,
            "balance": found.account.balance,
        }
        for found in User.objects.select_related("account", "department", "office")
    ]
    columns = ["name", "full_name", "department", "role", "active", "balance"]
    print_rows(rows, columns, as_json=as_json, nothing="No users.")


@user.command("set-password")
@click.argument("name")
@passwords.option
@with_database
def set_password(name: str, password_file: Path | None) -> None:
    """Set a user's password; they are signed out everywhere."""
    from everprint.server.people.users import change_password

    found = find(name)
    change_password(found, passwords.get_password(password_file))
    click.echo(f"{found.name} has a new password.")


@user.command("set-role")
@click.argument("name")
@click.argument("role", type=ROLES)
@with_database
def set_role(name: str, role: str) -> None:
    """Make a user administrator, operator or plain user."""
    from everprint.server.people.changes import change_user

    found = find(name)
    change_user(found.pk, {"role": role}, None)
    click.echo(f"{found.name} is {role} now.")


@user.command("set-workplace")
@click.argument("name")
@click.option("--department", help="What they work for; empty for none.")
@click.option("--office", help="Where they work; empty for none.")
@with_database
def set_workplace(name: str, department: str | None, office: str | None) -> None:
    """Say in which department and office a user is; what is left out stays.

    \b
    Example:
      everprint server user set-workplace alice --department Physics --office "Building 4"
    """
    from everprint.server.people.changes import UserChanges, change_user
    from everprint.server.people.workplaces import name_of

    changes: UserChanges = {}
    if department is not None:
        changes["department"] = department
    if office is not None:
        changes["office"] = office
    if not changes:
        raise click.UsageError("say which: --department, --office, or both")
    found = change_user(find(name).pk, changes, None)
    department, office = name_of(found.department), name_of(found.office)
    click.echo(f"{found.name} is in {department or 'no department'}, {office or 'no office'} now.")


@user.command("add-guest")
@click.argument("full_name")
@click.option("--email", default="", help="Where messages go.")
@click.option(
    "--last-day",
    type=DAY,
    metavar="YYYY-MM-DD",
    required=True,
    help="On it they can still print; then they are disabled.",
)
@click.option("--credit", type=AMOUNT, default="0", help="What their account starts with.  [default: 0]")
@with_database
def add_guest(full_name: str, email: str, last_day: datetime, credit: Decimal) -> None:
    """Add a guest until a day, with a name and a password made for them.

    \b
    Example:
      everprint server user add-guest "Gustav Guest" --last-day 2026-12-04 --credit 2.00
    """
    from everprint.server.people.guests import create_guest

    made = create_guest(full_name=full_name, email=email, last_day=last_day.date(), credit=credit)
    click.echo(f"User name: {made.user.name}\nPassword: {made.password}")


@user.command("set-last-day")
@click.argument("name")
@click.argument("day", type=DAY, metavar="[DAY]", required=False)
@with_database
def set_last_day(name: str, day: datetime | None) -> None:
    """Let a user be disabled after DAY (YYYY-MM-DD); without one, never."""
    from everprint.server.people.changes import change_user

    found = find(name)
    change_user(found.pk, {"last_day": day.date() if day else None}, None)
    click.echo(f"{found.name} can print {f'until {day:%Y-%m-%d}' if day else 'for ever'}.")


@user.command("set-card")
@click.argument("name")
@click.option("--second", is_flag=True, help="The second card, beside the first.")
@click.option("--remove", is_flag=True, help="Take the card away.")
@click.option(
    "--number-file",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Read the number from the first line of this file, or from standard input with -. Asked for otherwise.",
)
@with_database
def set_card(name: str, second: bool, remove: bool, number_file: Path | None) -> None:
    """Give a user a card by which printers know them; its number is kept as a digest."""
    from everprint.server.people import cards

    found = find(name)
    number = None if remove else _secret("Card number", number_file)
    cards.set_card(found, 2 if second else 1, number)
    which = "second card" if second else "card"
    click.echo(f"{found.name} has {'no' if remove else 'a new'} {which}.")


@user.command("set-pin")
@click.argument("name")
@click.option("--remove", is_flag=True, help="Let them have none.")
@click.option(
    "--pin-file",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Read the PIN from the first line of this file, or from standard input with -. Asked for otherwise.",
)
@with_database
def set_pin(name: str, remove: bool, pin_file: Path | None) -> None:
    """Set the PIN that goes with a user's cards."""
    from everprint.server.people import cards

    found = find(name)
    cards.set_pin(found, None if remove else _secret("PIN", pin_file))
    click.echo(f"{found.name} has {'no' if remove else 'a new'} PIN.")


@user.command()
@click.argument("name")
@click.argument("new_name")
@with_database
def rename(name: str, new_name: str) -> None:
    """Give the user NAME another name; what still comes by the old one is theirs."""
    from everprint.server.people.renaming import rename_user

    renamed = rename_user(find(name).pk, new_name)
    click.echo(f"They are called {renamed.name} now.")


@user.command()
@click.argument("name")
@click.argument("into")
@click.confirmation_option(prompt="This cannot be undone. Merge them?", help="Do not ask.")
@with_database
def merge(name: str, into: str) -> None:
    """Make all that is the user NAME's that of the user INTO: jobs, money, groups and cards."""
    from everprint.server.people.merging import merge_users

    merged = merge_users(find(name).pk, find(into).pk)
    click.echo(f"{merged.name} is both of them now.")


@user.command()
@click.argument("name")
@click.confirmation_option(prompt="This cannot be undone. Take away who they are?", help="Do not ask.")
@with_database
def redact(name: str) -> None:
    """Take away what says who the user NAME was; ledger and audit log stay."""
    from everprint.server.people.redaction import redact_user

    redacted = redact_user(find(name).pk)
    click.echo(f"They are {redacted.name} now, and nobody signs in as them.")


def _secret(what: str, file: Path | None) -> str:
    """Asked for, or from a file; never on the command line, where others could read it."""
    if file is None:
        asked: str = click.prompt(what, hide_input=True)
        return asked
    try:
        with click.open_file(str(file)) as opened:
            text: str = opened.readline().strip()
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None
    if not text:
        raise click.ClickException(f"{file}: there is nothing on its first line")
    return text


def find(name: str) -> User:
    """The user with that name, or an error that says how to find it."""
    from everprint.server.people.users import find_user

    found = find_user(name)
    if found is None:
        raise click.ClickException(f"there is no user {name}; `everprint server user list` names them all")
    return found


@user.command("remove-second-factor")
@click.argument("name")
@with_database
def remove_the_second_factor(name: str) -> None:
    """Let the user NAME sign in with the password alone, as authenticator and recovery codes are lost.

    \b
    Example:
      everprint server user remove-second-factor alice
    """
    from everprint.server.people.second_factor import remove_second_factor

    found = find(name)
    remove_second_factor(found)
    click.echo(f"{found.name} signs in with the password alone now.")


@user.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@with_database
def import_csv(file: BinaryIO, dry_run: bool) -> None:
    """Import users and balances from the CSV FILE (- for standard input): all of it or nothing.

    The first line names the columns: name, and any of full_name, email, department, office, role, groups, enabled,
    last_day, restricted, overdraft, balance, card_number, card_number_2, pin. Fields that are empty stay as they are.

    \b
    Example:
      everprint server user import pupils.csv --dry-run
    """
    from everprint.server.people.user_import import import_users, plan_import

    data = file.read()
    result = plan_import(data) if dry_run else import_users(data)
    print_import(result, dry_run=dry_run)
