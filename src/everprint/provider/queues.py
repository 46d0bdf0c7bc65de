"""The queues that the snapshot names, each with its device, its line and its watch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from everprint.contract.device_uris import is_one_way
from everprint.contract.failure_modes import FailureMode
from everprint.contract.messages import OneWay, Snapshot
from everprint.ipp.client import IppClient, PrinterError
from everprint.provider.delivery.delivery import Delivery
from everprint.provider.delivery.device import Device, DeviceBusy, DeviceRefused
from everprint.provider.delivery.devices import open_device
from everprint.provider.delivery.line import Line
from everprint.provider.device_watch import DeviceWatch
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.journal import Journal
from everprint.provider.queue import Queue, QueueChange
from everprint.provider.queue_control import QueueControl, QueueControlStore
from everprint.provider.settings import ProviderSettings
from everprint.provider.snapshot_store import SnapshotStore
from everprint.provider.spool import Spool

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Place:
    queue: Queue
    line: Line
    device_uri: str
    one_way: OneWay | None
    device: Device
    delivery: Delivery
    watch: asyncio.Task[None]


class Queues(Mapping[str, Queue]):
    """Queues by name. apply() makes them what a snapshot says."""

    def __init__(
        self,
        jobs: Jobs,
        journal: Journal,
        spool: Spool,
        store: SnapshotStore,
        ipp: IppClient,
        settings: ProviderSettings,
        controls: QueueControlStore,
        watcher: Callable[[Queue, QueueChange], None],
    ) -> None:
        self.changed = asyncio.Condition()
        self.snapshot: Snapshot | None = None
        self.previews_wanted = False  # the server takes pictures of pages
        self._jobs = jobs
        self._journal = journal
        self._spool = spool
        self._store = store
        self._ipp = ipp
        self._settings = settings
        self._controls = controls
        self._watcher = watcher
        self._places: dict[str, _Place] = {}
        self._drained = False
        jobs.watch(self._note_job)

    @property
    def revision(self) -> str | None:
        """Of the snapshot that they are from."""
        return self.snapshot.revision if self.snapshot else None

    def __getitem__(self, name: str) -> Queue:
        return self._places[name].queue

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    async def apply(self, snapshot: Snapshot) -> None:
        """Makes new queues, changes those that there are, and lets go of those that are gone."""
        wanted = {settings.name: settings for settings in snapshot.queues}
        for name in [name for name in self._places if name not in wanted]:
            log.info("queue is gone queue=%s", name)
            self._places.pop(name).watch.cancel()
        for name, settings in wanted.items():
            place = self._places.get(name)
            if place is None:
                control = self._controls.get(name)
                queue = Queue(settings, self._store.load_device(settings), control)
                queue.watch(self._watcher)
                queue.note_jobs(wait=self._jobs.active_count(name) > 0)
                queue.change_drained(self._drained)
                line = Line(self._most_at_device(settings.device_uri))
                if control.paused:
                    line.close()
                self._places[name] = self._place(queue, line)
                log.info("queue queue=%s device=%s", name, without_password(settings.device_uri))
                continue
            place.queue.change_settings(settings)
            if (place.device_uri, place.one_way) != (settings.device_uri, settings.one_way):
                place.watch.cancel()
                if (device := self._store.load_device(settings)) is not None:
                    place.queue.change_device(device)
                place.line.change_most(self._most_at_device(settings.device_uri))
                self._places[name] = self._place(place.queue, place.line)
        self.snapshot, self.previews_wanted = snapshot, snapshot.previews
        async with self.changed:
            self.changed.notify_all()

    def document_holds(self, name: str) -> bool:
        """True if the queue's device lets what a document sets overrule the job's ticket."""
        place = self._places.get(name)
        return place is not None and place.queue.document_holds

    def log_later(self) -> bool:
        """True if the server has failure modes, and a queue here prints on what people can spend."""
        if self.snapshot is None or self.snapshot.offline is None:
            return False
        return any(
            place.queue.settings.failure_mode is FailureMode.PRINT_AND_LOG_LATER for place in self._places.values()
        )

    def delivery(self, job: Job) -> Delivery | None:
        """The delivery of the job's queue, to the device that the job is at; None if there is no such queue."""
        place = self._places.get(job.queue)
        if place is None:
            return None
        if job.device_uri is None or job.device_uri == place.device_uri or job.device_job_id is None:
            return place.delivery
        # The queue got another device meanwhile: what became of this job only the old one can say.
        old = open_device(place.queue.settings, self._ipp, job.device_uri)
        return Delivery(self._jobs, self._spool, place.queue, old, place.line)

    async def identify_device(self, queue: Queue, actions: tuple[str, ...], message: str) -> None:
        """Makes the device show itself, if it can."""
        if (place := self._places.get(queue.name)) is None:
            return
        try:
            await place.device.identify(actions, message)
        except (PrinterError, DeviceBusy, DeviceRefused) as error:
            log.info("device does not identify itself queue=%s reason=%s", queue.name, error)

    def control(self, queue: Queue, control: QueueControl) -> None:
        """Keeps and does what an operator wants. Raises OSError: then nothing changed."""
        self._controls.save(queue.name, control)
        queue.change_control(control)
        line = self._places[queue.name].line
        if control.paused:
            line.close()
        else:
            line.open()

    def change_drained(self, drained: bool) -> None:
        """Takes whether the whole print server is drained."""
        self._drained = drained
        for place in self._places.values():
            place.queue.change_drained(drained)

    async def stop(self) -> None:
        """Stops the watches."""
        for place in self._places.values():
            place.watch.cancel()
        await asyncio.gather(*(place.watch for place in self._places.values()), return_exceptions=True)

    def _note_job(self, _: Job | None, job: Job) -> None:
        if (place := self._places.get(job.queue)) is not None:
            place.queue.note_jobs(wait=self._jobs.active_count(job.queue) > 0)

    def _most_at_device(self, device_uri: str) -> int:
        """A connection that is one job can carry no second one."""
        return 1 if is_one_way(device_uri) else self._settings.jobs_at_device

    def _place(self, queue: Queue, line: Line) -> _Place:
        device_uri = queue.settings.device_uri
        device = open_device(queue.settings, self._ipp)
        watch = DeviceWatch(queue, device, line, self._jobs, self._journal, self._store, self._settings.device_poll_s)
        return _Place(
            queue=queue,
            line=line,
            device_uri=device_uri,
            one_way=queue.settings.one_way,
            device=device,
            delivery=Delivery(self._jobs, self._spool, queue, device, line),
            watch=asyncio.create_task(_watch(watch, queue), name=f"watch {queue.name}"),
        )


async def _watch(watch: DeviceWatch, queue: Queue) -> None:
    """A watch that goes on after a fault of its own: the queue prints without it."""
    while True:
        try:
            await watch.run()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("device watch failed queue=%s", queue.name)
            await asyncio.sleep(30.0)


def without_password(device_uri: str) -> str:
    scheme, _, rest = device_uri.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
