"""Presets of a printer: whom they are for, what its provider is told, and that decisions keep them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from everprint.contract.messages import Print, RefusalReason, Refuse
from everprint.contract.presets import Preset
from tests.server.pages.signed_in import SignedIn
from tests.server.world import PrintServer, pages, terms

pytestmark = pytest.mark.usefixtures("database")


def group_of(north: PrintServer, name: str = "pupils") -> object:
    from everprint.server.people.models import Group

    group = Group.objects.create(name=name)
    group.members.add(north.user)
    return group


def told(north: PrintServer) -> tuple[Preset, ...]:
    from everprint.server.providers.snapshot import snapshot_of

    (queue,) = snapshot_of(north.provider.pk, "server", "EUR", terms().offline).queues
    return queue.presets


def test_the_provider_is_told_who_is_in_which() -> None:
    from everprint.server.printers.presets import add_preset

    north = PrintServer()
    add_preset(north.printer, [], name="Everybody else", position=2, two_sided_only=True)
    add_preset(north.printer, [group_of(north)], name="Pupils", colour=False, most_copies=5)  # type: ignore[list-item]
    assert told(north) == (
        Preset(name="Pupils", users=("alice",), colour=False, most_copies=5),
        Preset(name="Everybody else", users=None, two_sided_only=True),
    )


def test_one_whose_group_is_gone_is_for_nobody_and_not_for_everybody() -> None:
    from everprint.server.people.models import Group
    from everprint.server.printers.presets import add_preset, preset_for

    north = PrintServer()
    add_preset(north.printer, [group_of(north)], name="Pupils", colour=False)  # type: ignore[list-item]
    Group.objects.all().delete()
    assert told(north) == (Preset(name="Pupils", users=(), colour=False),)
    assert preset_for(north.printer.pk, north.user.pk) is None


def test_a_document_with_a_will_of_its_own_is_refused() -> None:
    from everprint.server.printers.presets import add_preset

    north = PrintServer()
    add_preset(north.printer, [group_of(north)], name="Pupils", colour=False, most_copies=5)  # type: ignore[list-item]
    refused = north.ask(north.job(), pages(1, 1))
    assert isinstance(refused, Refuse)
    assert refused.reason is RefusalReason.ACCOUNT_AUTHORIZATION_FAILED
    assert "grey only" in refused.message
    assert isinstance(north.ask(north.job(copies=6), pages(1)), Refuse)
    assert isinstance(north.ask(north.job(copies=5), pages(1)), Print)


def test_a_page_adds_changes_and_removes_them() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import create_user

    north = PrintServer()
    group = group_of(north)
    admin = SignedIn(create_user("root", role=Role.ADMINISTRATOR))
    page = f"/printers/{north.printer.pk}"
    group_id = str(group.pk)  # type: ignore[attr-defined]
    seen = admin.fill(f"{page}/presets/new", name="Pupils", groups=group_id, colour=None, most_copies="5")
    assert "Pupils was saved" in seen
    assert "grey only" in seen
    (preset,) = north.printer.presets.all()
    assert told(north) == (Preset(name="Pupils", users=("alice",), colour=False, most_copies=5),)
    assert "this name already" in admin.fill(f"{page}/presets/new", name="Pupils")
    admin.fill(f"{page}/presets/{preset.pk}", groups=group_id, most_copies="7")
    assert told(north)[0].most_copies == 7
    admin.send(f"{page}/presets/{preset.pk}/remove")
    assert told(north) == ()


def test_the_command_line_adds_lists_and_removes_them() -> None:
    from everprint.cli.server_presets import preset

    north = PrintServer()
    group_of(north)

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(preset, words)
        assert result.exit_code == code, result.output
        return result.output

    run("add", "office", "Pupils", "--group", "pupils", "--no-colour", "--sides-default", "two-sided-long-edge")
    assert "no group nobody" in run("add", "office", "Others", "--group", "nobody", code=1)
    (row,) = json.loads(run("list", "office", "--json"))
    assert (row["groups"], row["colour"], row["sides_default"]) == (["pupils"], False, "two-sided-long-edge")
    run("remove", "office", "Pupils")
    assert "no preset" in run("remove", "office", "Pupils", code=1)
    assert told(north) == ()
