"""The process beside a primary: it has the twin made as far, says so in the record, and measures what that costs.

Started by the resource agent: `keeping.main(DEFINITION FOLDER HOST PEER)`. It decides nothing: when the twin is lost
the engine says so, and the agent ends this process first.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from everprint.cluster.fault_tolerance.definition import read_definition
from everprint.cluster.fault_tolerance.engine import Engine, NoEngine
from everprint.cluster.fault_tolerance.machine import Place
from everprint.cluster.fault_tolerance.monitor import Message, Monitor, MonitorError, connected
from everprint.cluster.fault_tolerance.protection import copied, go_on_alone, listen, protect
from everprint.cluster.fault_tolerance.record import BadRecord, Record

CHECKPOINT_MS = 500
"""The longest time between two checkpoints."""
_PAUSE_S = 2.0
_LATEST = 60
_FILE = "kept.json"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is, in a file that the agent reads."""

    peer: str
    protected: bool = False
    copied: float = 0.0
    checkpoint_ms: float = 0.0
    checkpoints_a_minute: float = 0.0
    last_checkpoint: float = 0.0
    """On the monotonic clock of the host."""
    failure: str = ""
    """Why the twin was given up."""


def read_progress(folder: Path) -> Progress | None:
    """None if nobody keeps watch."""
    try:
        return Progress(**json.loads((folder / _FILE).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def forget_progress(folder: Path) -> None:
    """Of a process that was ended."""
    (folder / _FILE).unlink(missing_ok=True)


def main(arguments: Sequence[str]) -> None:
    """The program."""
    definition_file, folder, host, peer = arguments
    definition = read_definition(Path(definition_file))
    engine = Engine(definition.machine.name, host)
    record = engine.record()
    if record is None or record.host != host:
        raise SystemExit(f"{host} is not the primary: the record says {record}")
    here = definition.place(host, record.disk, Path(folder))
    there = definition.place(peer, record.other_disk, Path(folder))
    asyncio.run(_keep(engine, record, here, there, Progress(peer)))


async def _keep(engine: Engine, record: Record, here: Place, there: Place, progress: Progress) -> None:
    async with connected(here.watch, f"QEMU on {engine.host}") as primary:
        if record.twin != progress.peer:
            _note(here, progress)
            try:
                await _protect(primary, here, there, progress)
            except MonitorError as error:
                # Whoever tells it takes up time, and this VM stands still.
                await _give_up(primary, here)
                _note(here, replace(progress, failure=str(error)))
                return
            while True:
                # It is protected already, and stays so; nobody knows yet. So it is said until somebody hears it.
                with suppress(NoEngine, BadRecord):
                    engine.write_record(record.with_twin(progress.peer))
                    break
                await asyncio.sleep(_PAUSE_S)
        while not primary.is_gone:
            _note(here, _measured(primary, replace(progress, protected=True, copied=1.0)))
            await asyncio.sleep(_PAUSE_S)


async def _protect(primary: Monitor, here: Place, there: Place, progress: Progress) -> None:
    protecting = asyncio.create_task(protect(primary, there, checkpoint_delay_ms=CHECKPOINT_MS))
    while not (await asyncio.wait({protecting}, timeout=_PAUSE_S))[0]:
        with suppress(MonitorError):
            part = await copied(primary)
            _note(here, replace(progress, copied=1.0 if part is None else part))
    await protecting


async def _give_up(primary: Monitor, here: Place) -> None:
    with suppress(MonitorError):
        await go_on_alone(primary)
        await listen(primary, here)


def _note(here: Place, progress: Progress) -> None:
    new = here.folder / f"{_FILE}.new"
    new.write_text(json.dumps(asdict(progress)), "utf-8")
    new.replace(here.folder / _FILE)


def _measured(primary: Monitor, progress: Progress) -> Progress:
    pauses = pauses_of(primary)[-_LATEST:]
    if not pauses:
        return progress
    (first, _), (last, _) = pauses[0], pauses[-1]
    return replace(
        progress,
        checkpoint_ms=median(pause for _, pause in pauses),
        checkpoints_a_minute=60 * (len(pauses) - 1) / (last - first) if last > first else 0.0,
        # QEMU's stamps are of the day's clock; how old the last is does not change with the clock.
        last_checkpoint=time.monotonic() - max(time.time() - last, 0.0),
    )


def pauses_of(monitor: Monitor) -> list[tuple[float, float]]:
    """When the guest went on (seconds of the day's clock), and how long it had stood still (ms)."""
    stops, resumes = ([_at(event) for event in monitor.events(name)] for name in ("STOP", "RESUME"))
    found = []
    for stop in stops:
        after = next((resume for resume in resumes if resume >= stop), None)
        if after is not None:
            found.append((after, (after - stop) * 1000))
    return found


def _at(event: Message) -> float:
    stamp = event["timestamp"]
    assert isinstance(stamp, Mapping)
    return float(stamp["seconds"]) + float(stamp["microseconds"]) / 1e6
