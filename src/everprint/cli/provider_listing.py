"""`everprint provider jobs`, `queues` and `printers`: tables for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import msgspec

from everprint.cli.listing import Row, as_json, print_rows
from everprint.cli.provider_state import config_option, is_running, read_journal, say_whether_it_runs, state_folder
from everprint.contract.device_uris import without_password
from everprint.contract.messages import DeviceState, Queue
from everprint.contract.snmp import without_secrets
from everprint.ipp.message import Group
from everprint.ipp.tags import GroupTag
from everprint.provider.job import Job
from everprint.provider.snapshot_store import SnapshotStore
from everprint.provider.standing import Standing, read_standing


@click.command(name="jobs")
@config_option
@click.option("--queue", help="Only those of this queue.")
@click.option("--unfinished", is_flag=True, help="Only those that are not finished.")
@as_json
def list_jobs(config: Path | None, queue: str | None, unfinished: bool, as_json: bool) -> None:
    """List the jobs in this print server's journal, running or not.

    Finished ones are kept for a while (finished_jobs_kept). Reads the journal without changing it: what it shows is
    what the running print server knows, for it journals each step before it takes it.

    \b
    Example:
      everprint provider jobs --unfinished --json
    """
    folder = state_folder(config)
    found = [
        job
        for job in read_journal(folder)[0]
        if queue in (None, job.queue) and not (unfinished and job.state.is_final)
    ]
    if not as_json:
        say_whether_it_runs(folder)
    columns = ("job_id", "queue", "user_name", "job_name", "state", "pages", "sheets", "created_at", "message")
    print_rows([_job_row(job) for job in found], columns, as_json=as_json, nothing="There are no jobs.")


def _job_row(job: Job) -> Row:
    return {
        "job_id": job.job_id,
        "uuid": job.uuid,
        "queue": job.queue,
        "user_name": job.owner.user_name,
        "job_name": job.job_name,
        "state": job.state.value,
        "in_doubt": job.in_doubt,
        "message": job.job_state_message,
        "pages": job.findings.pages if job.findings else None,
        "sheets": job.output.sheets if job.output else None,
        "created_at": job.created_at,
        "completed_at": job.completed_at,
        "device": without_password(job.device_uri) if job.device_uri else None,
    }


@click.command(name="queues")
@config_option
@as_json
def list_queues(config: Path | None, as_json: bool) -> None:
    """List the queues of this print server as the Application Server last told it.

    \b
    Example:
      everprint provider queues
    """
    folder = state_folder(config)
    store, queues = _queues(folder)
    if as_json:
        shown = [
            msgspec.structs.replace(
                queue,
                device_uri=without_password(queue.device_uri),
                pool=tuple(without_password(uri) for uri in queue.pool),
                snmp=queue.snmp and without_secrets(queue.snmp),
            )
            for queue in queues
        ]
        click.echo(msgspec.json.encode(shown))
        return
    say_whether_it_runs(folder)
    rows: list[Row] = [
        {
            "queue": queue.name,
            "devices": _devices(queue),
            "make_and_model": _make_and_model(store, queue),
            "users_known_by": queue.authentication.value,
            "takes_jobs": queue.accepting,
        }
        for queue in queues
    ]
    print_rows(rows, tuple(rows[0]) if rows else (), as_json=False, nothing="There are no queues.")


@click.command(name="printers")
@config_option
@as_json
def list_printers(config: Path | None, as_json: bool) -> None:
    """List what is behind the queues: each printer, how it is, and how many jobs wait for its queue.

    Of a print server that does not run it says what the printers said last.

    \b
    Example:
      everprint provider printers
    """
    folder = state_folder(config)
    store, queues = _queues(folder)
    standing = read_standing(folder)
    jobs = [job for job in read_journal(folder)[0] if not job.state.is_final]
    rows = [
        row
        for queue in queues
        for row in _printer_rows(store, queue, standing.get(queue.name), sum(job.queue == queue.name for job in jobs))
    ]
    if as_json:
        click.echo(msgspec.json.encode({"running": is_running(folder), "printers": rows}))
        return
    say_whether_it_runs(folder)
    columns = ("queue", "device", "state", "reasons", "jobs", "since", "make_and_model", "message")
    print_rows(rows, columns, as_json=False, nothing="There are no printers.")


def _printer_rows(store: SnapshotStore, queue: Queue, standing: Standing | None, jobs: int) -> Iterator[Row]:
    if standing is None:  # never asked since the queue is there
        for uri in _devices(queue):
            yield _printer_row(queue, uri, None, "", jobs, None)
        return
    status = standing.status
    only = DeviceState(
        device_uri=without_password(queue.device_uri),
        state=status.state,
        reasons=status.reasons,
        message=status.message,
        make_and_model=status.make_and_model,
    )
    for device in status.devices or [only]:
        make_and_model = device.make_and_model or _make_and_model(store, queue)
        yield _printer_row(queue, device.device_uri, device, make_and_model, jobs, standing)


def _printer_row(
    queue: Queue, uri: str, device: DeviceState | None, make_and_model: str, jobs: int, standing: Standing | None
) -> Row:
    return {
        "queue": queue.name,
        "device": uri,
        "state": device.state.value if device else "unknown",
        "reasons": list(device.reasons) if device else [],
        "message": device.message if device else "",
        "make_and_model": make_and_model,
        "jobs": jobs,
        "since": standing.since if standing else None,
    }


def _queues(folder: Path) -> tuple[SnapshotStore, Sequence[Queue]]:
    store = SnapshotStore(folder)
    snapshot = store.load()
    if snapshot is None:
        raise click.ClickException(f"{folder} holds no snapshot: this print server never reached its server.")
    return store, snapshot.queues


def _devices(queue: Queue) -> list[str]:
    return [without_password(uri) for uri in (queue.device_uri, *queue.pool)]


def _make_and_model(store: SnapshotStore, queue: Queue) -> str:
    device = store.load_device(queue.name, queue.device_uri) or Group(GroupTag.PRINTER)
    return device.string("printer-make-and-model") or ""
