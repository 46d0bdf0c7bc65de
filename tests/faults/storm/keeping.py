"""Keeps what is left of a storm that broke the promise: journals, logs and the job log, for people to look into."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.faults.storm.databases import OnPostgresql
from tests.faults.storm.world import SERVER, World


def keep(world: World, folder: Path) -> None:
    """Copies it into that folder, which is made; what was there of another storm is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    processes = [world.server.process]
    if isinstance(world.database, OnPostgresql):
        processes.append(world.database.process)
    for site in world.sites:
        name = site.provider.name
        processes.append(site.process)
        shutil.copy(site.printer.process.log, folder / f"{name}-printer.log")
        for part in site.journal.parent.glob(f"{site.journal.name}*"):  # with its write-ahead log
            shutil.copy(part, folder / f"{name}-{part.name}")
        (folder / f"{name}-paper.json").write_text(json.dumps(site.printer.paper()))
    if world.cups is not None:
        processes.append(world.cups.process)
    for process in processes:
        shutil.copy(process.log, folder / f"{process.log.parent.name}-{process.log.name}")
    with world.machine(SERVER).inside():
        log = world.server.listing("job", "list", "--limit", "100000")
    (folder / "jobs.json").write_text(json.dumps(log, indent=1))
    (folder / "transactions.txt").write_text("\n".join(map("|".join, world.database.ask(_TRANSACTIONS))))


_TRANSACTIONS = (
    "SELECT booked.id, booked.at, booked.kind, booked.job, account.kind, account.name, entry.amount "
    "FROM accounts_transaction AS booked JOIN accounts_entry AS entry ON entry.transaction_id = booked.id "
    "JOIN accounts_account AS account ON account.id = entry.account_id ORDER BY booked.id"
)
