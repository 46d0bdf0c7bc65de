"""Getting a password without showing it: from a file, from standard input, or by asking twice."""

from __future__ import annotations

from pathlib import Path

import click

option = click.option(
    "--password-file",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Read the password from the first line of this file, or from standard input with -. Asked for otherwise.",
)


def get_password(password_file: Path | None) -> str:
    """The password; never on the command line, where others could read it."""
    if password_file is None:
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    try:
        with click.open_file(str(password_file)) as file:
            password = file.readline().rstrip("\r\n")
    except OSError as error:
        raise click.ClickException(f"{password_file}: {error.strerror}") from None
    if not password:
        raise click.ClickException(f"{password_file}: there is no password on its first line")
    return password
