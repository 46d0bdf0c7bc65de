"""The Application Server's embedded database as it is before anything is in it, made when the image is built.

A new VM begins with a copy: to make it there, table by table, would take longer than all the rest of its first boot.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from everprint.cluster.image import recipe
from everprint.cluster.image.errors import ImageError
from everprint.cluster.image.guest.take_role import EMPTY_DATABASE
from everprint.cluster.image.running import run

_A_MOMENT = "[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]*"


def add_empty_database(tree: Path) -> None:
    """Lets the guest's own Everprint make it, in a tree that has Everprint.

    Raises ImageError.
    """
    work = tree / "tmp/empty-database"
    work.mkdir(mode=0o700)
    inside = f"/{work.relative_to(tree)}"
    environment = {"EVERPRINT_SERVER_STATE_FOLDER": inside, "EVERPRINT_SERVER_DATABASE": f"sqlite://{inside}/made"}
    run(["chroot", tree, "/opt/everprint/bin/everprint", "server", "migrate"], environment=environment)
    out = tree / EMPTY_DATABASE.lstrip("/")
    out.parent.mkdir(parents=True, exist_ok=True)
    write_without_times(work / "made", out)
    for path in work.iterdir():
        path.unlink()
    work.rmdir()


def write_without_times(database: Path, out: Path) -> None:
    """Copies a SQLite database, all moments in it replaced by the image's own: the same content is the same file.

    Raises ImageError.
    """
    moment = datetime.fromtimestamp(recipe.EPOCH, UTC).strftime("%Y-%m-%d %H:%M:%S")
    try:
        with closing(sqlite3.connect(database)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                for column in connection.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall():
                    name = f'"{column[0]}"'
                    connection.execute(f'UPDATE "{table}" SET {name} = ? WHERE {name} GLOB ?', (moment, _A_MOMENT))  # noqa: S608 - names are the database's own
            connection.commit()
            connection.execute("VACUUM INTO ?", (str(out),))
    except sqlite3.Error as error:
        raise ImageError(f"the empty database cannot be written: {error}") from None
    out.chmod(0o644)
