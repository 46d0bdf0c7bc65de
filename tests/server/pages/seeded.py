"""A small school's database, made once in a run and copied for each test: making it costs more than most of them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from tests.server.conftest import KIND, Database
from tests.server.pages.pleasant import Reporter, World, seed


class SeededSchool:
    """Gives each database that it is asked for the school; the first is where it is made."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "school.sqlite3"
        self._world: World | None = None

    def give(self, database: Database) -> World:
        """The school, in this empty, migrated database."""
        from django.db import connections

        if KIND != "sqlite":
            return seed(days=1, jobs_a_day=4)
        path = Path(database.url.removeprefix("sqlite://"))
        if self._world is None:
            self._world = seed(days=1, jobs_a_day=4)
            connections.close_all()  # the file alone is all of it then
            shutil.copyfile(path, self._file)
        else:
            connections.close_all()
            shutil.copyfile(self._file, path)
        return _as_it_is(self._world)


def _as_it_is(made: World) -> World:
    """The test's own rows of it; the print server was heard of just now, with what it last said of its printers."""
    from django.utils import timezone

    from everprint.server.printers.models import Printer
    from everprint.server.providers.models import Provider

    now = timezone.now()
    Provider.objects.update(last_seen_at=now)
    Printer.objects.update(state_at=now)
    provider = Provider.objects.get(pk=made.provider.pk)
    library, office, staff = (
        Printer.objects.get(pk=printer.pk) for printer in (made.library, made.office, made.staff)
    )
    return replace(made, provider=provider, reporter=Reporter(provider), library=library, office=office, staff=staff)
