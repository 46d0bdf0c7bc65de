"""`everprint server notification`: what people are told of, and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from everprint.cli.command_list import CommandList
from everprint.cli.listing import as_json, print_rows
from everprint.cli.server_setting_up import with_database

if TYPE_CHECKING:
    from everprint.server.languages import Language
    from everprint.server.notifications.kinds import Kind


@click.group(cls=CommandList)
def notification() -> None:
    """What people are told of, and in which words."""


@notification.command("list")
@as_json
@with_database
def list_kinds(as_json: bool) -> None:
    """List the kinds of notifications: whether they are on, and in which languages their words were changed."""
    from everprint.server.installation.settings import read_settings
    from everprint.server.notifications.kinds import KINDS
    from everprint.server.notifications.models import ChangedWords

    settings = read_settings()
    changed: dict[str, list[str]] = {}
    for kind, code in ChangedWords.objects.order_by("kind", "language").values_list("kind", "language"):
        changed.setdefault(kind, []).append(code)
    rows: list[dict[str, object]] = [
        {
            "kind": kind.key,
            "title": kind.title,
            "on": bool(getattr(settings, kind.setting)),
            "changed": " ".join(changed.get(kind.key, ())),
        }
        for kind in KINDS.values()
    ]
    print_rows(rows, ["kind", "title", "on", "changed"], as_json=as_json, nothing="No notifications.")


@notification.command()
@click.argument("kind", metavar="KIND")
@click.argument("language", metavar="LANGUAGE")
@with_database
def words(kind: str, language: str) -> None:
    """Print the subject and, after an empty line, the text of a KIND (`everprint server notification list`) in a
    language (en, de)."""
    from everprint.server.notifications.wording import words_of

    found = words_of(_kind(kind), _language(language))
    click.echo(f"{found.subject}\n\n{found.text}")


@notification.command()
@click.argument("kind", metavar="KIND")
@click.argument("language", metavar="LANGUAGE")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@with_database
def set_words(kind: str, language: str, file: Path) -> None:
    """Let a kind read as the file says: the subject, an empty line, and the text; - reads standard input.

    \b
    Example:
      everprint server notification words low-balance de >words.txt
      everprint server notification set-words low-balance de words.txt
    """
    from everprint.server.notifications.kinds import Words
    from everprint.server.notifications.wording import BadWords, change_words

    with click.open_file(str(file), encoding="utf-8") as source:
        subject, _, text = source.read().partition("\n")
    try:
        change_words(_kind(kind), _language(language), Words(subject, text))
    except BadWords as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{kind} reads so in {language} from now on.")


@notification.command()
@click.argument("kind", metavar="KIND")
@click.argument("language", metavar="LANGUAGE")
@with_database
def own_words(kind: str, language: str) -> None:
    """Let a kind read as it came with Everprint again: what `set-words` changed is gone."""
    from everprint.server.notifications.wording import use_own_words

    use_own_words(_kind(kind), _language(language))
    click.echo(f"{kind} reads in {language} as it came with Everprint.")


def _kind(key: str) -> Kind:
    from everprint.server.notifications.kinds import KINDS

    if key not in KINDS:
        raise click.ClickException(f"there is no notification {key}; expected one of: {', '.join(KINDS)}")
    return KINDS[key]


def _language(code: str) -> Language:
    from everprint.server.languages import Language

    if code not in list(Language):
        raise click.ClickException(f"{code} is no language of Everprint; expected one of: {', '.join(Language)}")
    return Language(code)
