"""What every command of the server does: find the settings, set Django up, turn our errors into one line."""

from __future__ import annotations

import functools
import getpass
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from everprint.server.start import set_up

Command = Callable[..., None]

# Commands that change nothing which the audit log keeps: they only read, or they make the log's own table.
READING = ("migrate", "backup")

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The server's TOML file.  [default: $EVERPRINT_SERVER_FILE, else /etc/everprint/server.toml if it is there]",
)


def with_database(command: Command) -> Command:
    """Adds --config, and runs the command with the database at hand."""

    @config_option
    @functools.wraps(command)
    def run(config: Path | None, **options: Any) -> None:  # noqa: ANN401 - whatever the command's options are
        set_up(config)
        with plain_errors(), acting_by_command(options):
            command(**options)

    return run


@contextmanager
def acting_by_command(options: Mapping[str, object]) -> Iterator[None]:
    """Whoever types the command acts. One that is no listing and whose functions note nothing is noted itself."""
    from everprint.server.audit_log.acting import Acting, Origin, acting_as
    from everprint.server.audit_log.note import note

    with acting_as(Acting(None, _system_user(), Origin.COMMAND)) as acting:
        yield
        context = click.get_current_context()
        if not acting.noted and "as_json" not in options and context.command.name not in READING:
            said = {key: value for key, value in options.items() if isinstance(value, str | bool | int | tuple)}
            note("command", "command", None, said, name=context.command_path)


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in some containers
        return f"uid {os.getuid()}"


class plain_errors:  # noqa: N801 - used as a context manager
    """Turns errors that a person can mend into one line without a traceback."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        from django.db import OperationalError, ProgrammingError

        if isinstance(error, OperationalError | ProgrammingError):
            raise click.ClickException(
                f"The database cannot be used ({str(error).strip()}). `everprint server init` makes a new one, "
                "`everprint server migrate` brings an older one to this release."
            ) from None
        if error is not None and isinstance(error, _mendable()):
            raise click.ClickException(str(error)) from None


def _mendable() -> tuple[type[Exception], ...]:
    """Our typed errors, whose texts say what to do. Imported here: they need Django set up."""
    from everprint.contract.user_names import BadUserName
    from everprint.server.accounts import booking, holders, ledger, money
    from everprint.server.api import tokens
    from everprint.server.backup import CannotBackUp, CannotRestore
    from everprint.server.directory.people import DirectoryAway
    from everprint.server.directory.plan import TooManyGone
    from everprint.server.jobs.archive_files import BadArchive
    from everprint.server.migrating.apply import CannotMigrate
    from everprint.server.people import cards, changes, csv_table, merging, redaction, users
    from everprint.server.printers import costs, queues
    from everprint.server.refunds.requests import BadRefund
    from everprint.server.restore_points.proof import NotProven
    from everprint.server.restore_points.restic import NoRestorePoint
    from everprint.server.running import AlreadyRunning
    from everprint.server.start import NotReady
    from everprint.server.topup.vouchers import BadVoucher
    from everprint.serving import CannotListen

    return (
        booking.NoSuchAccount,
        holders.BelowFloor,
        ledger.BadAmount,
        ledger.LimitReached,
        ledger.KeyReused,
        money.NotExact,
        BadUserName,
        DirectoryAway,
        TooManyGone,
        tokens.NotYoursToGive,
        tokens.TokenNameTaken,
        cards.BadCard,
        changes.BadLastDay,
        merging.BadMerge,
        redaction.BadRedaction,
        csv_table.BadCsv,
        users.UserExists,
        users.WeakPassword,
        users.BadEmail,
        users.LastAdministrator,
        users.MergedUser,
        costs.BadCost,
        queues.BadPrinter,
        BadRefund,
        BadVoucher,
        AlreadyRunning,
        BadArchive,
        CannotBackUp,
        CannotRestore,
        CannotListen,
        CannotMigrate,
        NoRestorePoint,
        NotProven,
        NotReady,
    )
