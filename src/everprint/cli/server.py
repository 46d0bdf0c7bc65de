"""`everprint server`: setting up, running and looking after the Application Server."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TextIO

import click

from everprint.cli import passwords
from everprint.cli.certificates import json_option, pem_option, show_certificate
from everprint.cli.command_list import CommandList
from everprint.cli.log_lines import log_to_stderr
from everprint.cli.server_setting_up import config_option, plain_errors, with_database
from everprint.collection import collect_from_now_on, collection_put_off

_CODES_VALID_FOR = timedelta(days=30)
# Not imported to run the server.
_COMMANDS = {
    "account": "everprint.cli.server_accounts",
    "archive": "everprint.cli.server_archives",
    "audit": "everprint.cli.server_accounts",
    "backup": "everprint.cli.server_backup",
    "directory": "everprint.cli.server_directory",
    "doctor": "everprint.cli.server_doctor",
    "job": "everprint.cli.server_jobs",
    "mail": "everprint.cli.server_mail",
    "notification": "everprint.cli.server_notifications",
    "postgresql": "everprint.cli.server_postgresql",
    "printer": "everprint.cli.server_printers",
    "provider": "everprint.cli.server_providers",
    "quota": "everprint.cli.server_money",
    "refund": "everprint.cli.server_money",
    "report": "everprint.cli.server_reports",
    "restore": "everprint.cli.server_backup",
    "restore-point": "everprint.cli.server_restore_points",
    "token": "everprint.cli.server_tokens",
    "user": "everprint.cli.server_users",
    "voucher": "everprint.cli.server_money",
}


@click.group(cls=CommandList, later=_COMMANDS)
def server() -> None:
    """The Application Server: users, accounts, printers, jobs, pages.

    Begin with `everprint server init`, then `everprint server run`. Settings are in one TOML file (--config) and may
    be overridden by environment variables; docs/reference/server-settings.md lists them.
    """
    os.umask(0o077)  # the database and the key are for this user only


@server.command()
@config_option
@click.option("--administrator", default="admin", show_default=True, help="User name of the first administrator.")
@passwords.option
@click.option(
    "--code-file",
    type=click.File("r", encoding="ascii"),
    help="File with codes, one a line, each of which enrols one print server within 30 days; for set-ups that nobody "
    "attends. `everprint cluster image code` makes one.",
)
def init(config: Path | None, administrator: str, password_file: Path | None, code_file: TextIO | None) -> None:
    """Set up a new server: folder, key, database, first administrator.

    Refuses on an installation that has an administrator: nothing is overwritten. There is no set-up page; this is the
    only way in.

    \b
    Example:
      everprint server init --administrator alice
    """
    from everprint.server.configuration import read_server_settings
    from everprint.server.secret_key import make_secret_key
    from everprint.server.start import set_up

    if config is not None:
        os.environ["EVERPRINT_SERVER_FILE"] = str(config)
    settings = read_server_settings()
    password = passwords.get_password(password_file)
    codes = _read_codes(code_file)
    try:
        settings.state_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_secret_key(settings.secret_key_path)
    except OSError as error:
        raise click.ClickException(f"{settings.state_path}: {error.strerror}; choose another state_folder") from None
    set_up(config)
    with plain_errors():
        _migrate()
        _make_first_administrator(administrator, password, codes)
    click.echo(f"The server is set up in {settings.state_path}; {administrator} is its administrator.")
    click.echo("Start it with: everprint server run")


def _read_codes(file: TextIO | None) -> list[str]:
    from everprint.contract.enrolment_codes import is_code

    codes = [line.strip() for line in file] if file is not None else []
    codes = [code for code in codes if code]
    wrong = next((number for number, code in enumerate(codes, start=1) if not is_code(code)), None)
    if wrong is not None:
        raise click.ClickException(
            f"--code-file: number {wrong} is no code as `everprint cluster image code` makes it"
        )
    return codes


def _make_first_administrator(name: str, password: str, codes: list[str]) -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.models import User
    from everprint.server.people.users import create_user
    from everprint.server.providers.enrolment import take_codes

    if User.objects.filter(role=Role.ADMINISTRATOR.value).exists():
        raise click.ClickException(
            "This installation has an administrator already; nothing was changed. "
            "`everprint server user set-password NAME` helps if the password is lost."
        )
    take_codes(codes, _CODES_VALID_FOR)
    # Last: by it a set-up that was cut off half way is known from a whole one.
    create_user(name, role=Role.ADMINISTRATOR, password=password)


@server.command()
@config_option
@pem_option
@json_option
def certificate(config: Path | None, pem: bool, as_json: bool) -> None:
    """Show the server's certificate, and the fingerprint of what print servers and browsers must trust.

    \b
    Example:
      everprint server certificate --pem > everprint-authority.pem
    """
    from everprint.server.configuration import FILE_VARIABLE, read_server_settings

    if config is not None:
        os.environ[FILE_VARIABLE] = str(config)
    settings = read_server_settings()
    show_certificate(Path(settings.certificate) if settings.certificate else None, pem=pem, as_json=as_json)


@server.command()
@with_database
def migrate() -> None:
    """Bring the database to this release.

    Needed after an upgrade, before a server of the new release is started; those of the release before go on serving
    meanwhile. Make a backup first. Does nothing if there is nothing to do.
    """
    _migrate()
    click.echo("The database is up to date.")


def _migrate() -> None:
    from everprint.server.migrating.apply import bring_up_to_date

    bring_up_to_date(lambda line: click.echo(line, err=True))


@server.command()
@config_option
def run(config: Path | None) -> None:
    """Serve until stopped (Ctrl-C or SIGTERM).

    Listens where http_listen and, with a certificate, https_listen say. Logs one line an event to standard error, and
    says on standard output where it listens.
    """
    from everprint.monitor.service_notices import ServiceNotices
    from everprint.server.running import only_one
    from everprint.server.start import check_ready, run_server, set_up
    from everprint.serving import run as run_loop

    def say(addresses: list[tuple[str, int]]) -> None:
        collect_from_now_on()
        plain = len(settings.http_listen)
        for number, (host, port) in enumerate(addresses):
            scheme = "http" if number < plain else "https"
            click.echo(f"{settings.server_name} listens on {scheme}://{f'[{host}]' if ':' in host else host}:{port}")

    with collection_put_off():
        log_to_stderr()
        settings = set_up(config)
        with plain_errors():
            check_ready(settings)
            with only_one(settings.state_path):
                run_loop(run_server(settings, ServiceNotices.of_process(), say))
