"""The queues that the snapshot names, each with its device, its line and its watch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from everprint.contract import messages
from everprint.contract.device_uris import host_of, is_one_way, without_password
from everprint.contract.failure_modes import FailureMode
from everprint.contract.messages import OneWay, Snapshot
from everprint.contract.snmp import Snmp
from everprint.ipp.client import IppClient, PrinterError
from everprint.provider.changes import AT_DEVICE
from everprint.provider.cups.cupsd import queue_uri
from everprint.provider.cups.delivery import CupsDelivery
from everprint.provider.cups.parts import CupsParts
from everprint.provider.delivery.delivery import Delivery
from everprint.provider.delivery.device import Device, DeviceBusy, DeviceRefused
from everprint.provider.delivery.devices import open_device
from everprint.provider.delivery.ipp_device import IppDevice
from everprint.provider.delivery.job_delivery import JobDelivery
from everprint.provider.delivery.line import Line
from everprint.provider.delivery.pool import Pool
from everprint.provider.delivery.pool_member import PoolMember
from everprint.provider.delivery.preparation import Preparation
from everprint.provider.device_watch import DeviceWatch, Watched
from everprint.provider.job import Job
from everprint.provider.jobs import Jobs
from everprint.provider.journal import Journal
from everprint.provider.queue import Queue, QueueChange, devices_of
from everprint.provider.queue_control import QueueControl, QueueControlStore
from everprint.provider.settings import ProviderSettings
from everprint.provider.snapshot_store import SnapshotStore
from everprint.provider.snmp.look import SnmpLook
from everprint.provider.snmp.values import Agent, Asks
from everprint.provider.standing import StandingFile
from everprint.provider.status_report import StatusReport

log = logging.getLogger(__name__)

# A print server that starts with a thousand queues takes jobs meanwhile, on what it knows of their devices.
_BETWEEN_FIRST_LOOKS_S = 0.02


@dataclass(slots=True)
class _Place:
    """A queue's place: with one device `devices` has one, and `delivery` goes to it; else it is a pool."""

    queue: Queue
    lines: dict[str, Line]  # by device URI; a device that comes back still has the jobs that it had
    devices: dict[str, Device]  # by device URI
    built_for: tuple[tuple[str, ...], OneWay | None]
    delivery: JobDelivery
    members: list[PoolMember]
    report: StatusReport
    watches: list[asyncio.Task[None]] = field(default_factory=list)
    watched_by: Snmp | None = None  # how those ask the devices' agents

    def dissolve(self) -> None:
        """Its devices are others now."""
        for watch in self.watches:
            watch.cancel()
        if isinstance(self.delivery, Pool):
            self.delivery.dissolve()
        for line in self.lines.values():
            line.dissolve()


class Queues(Mapping[str, Queue]):
    """Queues by name. apply() makes them what a snapshot says."""

    def __init__(
        self,
        jobs: Jobs,
        journal: Journal,
        preparation: Preparation,
        store: SnapshotStore,
        ipp: IppClient,
        cups: CupsParts,
        settings: ProviderSettings,
        controls: QueueControlStore,
        watcher: Callable[[Queue, QueueChange], None],
        standing: StandingFile,
        snmp: Asks,
    ) -> None:
        self.changed = asyncio.Condition()
        self.snapshot: Snapshot | None = None
        self.previews_wanted = False  # the server takes pictures of pages
        self._jobs = jobs
        self._journal = journal
        self._preparation = preparation
        self._store = store
        self._ipp = ipp
        self._cups = cups
        self._settings = settings
        self._controls = controls
        self._watcher = watcher
        self._standing = standing
        self._snmp = snmp
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
            removed = self._places.pop(name)
            # What waits for its turn must not go to a device that may be another queue's by now.
            removed.queue.is_removed = True
            removed.dissolve()
            self._standing.forget(name)
        for name, settings in wanted.items():
            place = self._places.get(name)
            if place is None:
                queue = Queue(settings, None, self._controls.get(name), self._preparation.convertible)
                queue.watch(self._watcher)
                queue.note_jobs(wait=self._jobs.active_count(name) > 0)
                queue.change_drained(self._drained)
                self._places[name] = self._place(queue, {})
                log.info("queue queue=%s device=%s", name, ",".join(map(without_password, devices_of(settings)[0])))
                continue
            place.queue.change_settings(settings)
            if place.built_for != devices_of(settings):
                place.dissolve()
                self._places[name] = self._place(place.queue, place.lines)
            elif place.watched_by != settings.snmp:
                self._watch_anew(place)
        self.snapshot, self.previews_wanted = snapshot, snapshot.previews
        self._jobs.tells_noted = snapshot.answers_for_jobs
        async with self.changed:
            self.changed.notify_all()

    @property
    def answers_for_jobs(self) -> bool:
        """True if the server may be asked about jobs of other providers."""
        return self.snapshot is not None and self.snapshot.answers_for_jobs

    def log_later(self) -> bool:
        """True if the server has failure modes, and a queue here prints on what people can spend."""
        if self.snapshot is None or self.snapshot.offline is None:
            return False
        return any(
            place.queue.settings.failure_mode is FailureMode.PRINT_AND_LOG_LATER for place in self._places.values()
        )

    def delivery(self, job: Job) -> JobDelivery | None:
        """The delivery of the job's queue, to the device that the job is at; None if there is no such queue, and no
        device had the job."""
        place = self._places.get(job.queue)
        if place is None:
            return self._delivery_of_gone_queue(job)
        if job.cups is not None:
            return place.delivery if place.queue.is_hooked else self._cups_delivery(place.queue)
        if place.queue.is_hooked and job.device_job_id is None:
            return None  # from before CUPS got the queue
        if job.device_uri is None or job.device_uri in place.devices or job.device_job_id is None:
            return place.delivery
        # The queue got another device meanwhile: what became of this job only the old one can say.
        old = open_device(place.queue.settings, self._ipp, job.device_uri)
        line = self._line(place.queue, place.lines, job.device_uri)
        return Delivery(self._jobs, self._preparation, place.queue, old, line, device_uri=job.device_uri)

    def _delivery_of_gone_queue(self, job: Job) -> JobDelivery | None:
        """To the end of a job that the device had when its queue was removed: the journal says which device."""
        if job.state not in AT_DEVICE or job.device_uri is None:
            return None
        settings = messages.Queue(
            name=job.queue,
            device_uri=job.device_uri,
            printer_uuid="",
            one_way=OneWay() if is_one_way(job.device_uri) else None,
        )
        queue = Queue(settings, self._store.load_device(job.queue, job.device_uri))
        queue.is_removed = True
        if job.cups is not None:
            return self._cups_delivery(queue)
        device = open_device(settings, self._ipp, job.device_uri)
        return Delivery(self._jobs, self._preparation, queue, device, Line(1))

    def is_removed(self, job: Job) -> bool:
        """True if the Application Server has no such queue; not while it was never reached."""
        return self.snapshot is not None and job.queue not in self._places

    def held_hours_of(self, job: Job) -> float:
        """How long the job's queue lets a held job wait; 0 if it does not say."""
        place = self._places.get(job.queue)
        return 0.0 if place is None else place.queue.settings.hold_hours

    async def identify_device(self, queue: Queue, actions: tuple[str, ...], message: str) -> None:
        """Makes the device show itself, if it can; of a pool, each of them."""
        if (place := self._places.get(queue.name)) is None:
            return
        for device in list(place.devices.values()):
            try:
                await device.identify(actions, message)
            except (PrinterError, DeviceBusy, DeviceRefused) as error:
                log.info("device does not identify itself queue=%s reason=%s", queue.name, error)

    def control(self, queue: Queue, control: QueueControl) -> None:
        """Keeps and does what an operator wants. Raises OSError: then nothing changed."""
        self._controls.save(queue.name, control)
        queue.change_control(control)
        for line in self._places[queue.name].lines.values():
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
        watches = [watch for place in self._places.values() for watch in place.watches]
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)

    def _note_job(self, _: Job | None, job: Job) -> None:
        if (place := self._places.get(job.queue)) is not None:
            place.queue.note_jobs(wait=self._jobs.active_count(job.queue) > 0)
            if isinstance(place.delivery, Pool):
                place.delivery.note_job(job)

    def _most_at_device(self, queue: Queue, device_uri: str) -> int:
        """A connection that is one job can carry no second one; and a counter that is read before and after a job
        says nothing of it if another one is there, too.
        """
        checked = queue.settings.snmp is not None and queue.settings.snmp.check_counter
        return 1 if checked or is_one_way(device_uri) else self._settings.jobs_at_device

    def _line(self, queue: Queue, lines: dict[str, Line], device_uri: str) -> Line:
        """The device's line, made if it has none yet."""
        line = lines.get(device_uri)
        if line is None:
            line = lines[device_uri] = Line(self._most_at_device(queue, device_uri))
            if queue.control.paused:
                line.close()
        return line

    def _place(self, queue: Queue, lines: dict[str, Line]) -> _Place:
        uris, one_way = devices_of(queue.settings)
        devices = {uri: self._device(queue, uri) for uri in uris}
        members = [
            PoolMember(
                queue.name,
                uri,
                device,
                self._line(queue, lines, uri),
                self._store.load_device(queue.name, uri),
                self._preparation.convertible,
            )
            for uri, device in devices.items()
        ]
        delivery = self._pool(queue, members) if len(members) > 1 else self._single(queue, members[0])
        report = StatusReport(
            queue, self._journal, self._standing, delivery.states if isinstance(delivery, Pool) else list
        )
        place = _Place(
            queue=queue,
            lines=lines,
            devices=devices,
            built_for=(uris, one_way),
            delivery=delivery,
            members=members,
            report=report,
        )
        self._watch_anew(place)
        return place

    def _watch_anew(self, place: _Place) -> None:
        """Starts the watches of its devices, by what its settings say now."""
        for watch in place.watches:
            watch.cancel()
        place.watched_by = place.queue.settings.snmp
        for uri, line in place.lines.items():
            line.change_most(self._most_at_device(place.queue, uri))
        watched: list[Watched] = [*place.members] if len(place.members) > 1 else [place.queue]
        place.watches = [
            asyncio.create_task(_watch(self._device_watch(who, member, place)), name=f"watch {place.queue.name}")
            for who, member in zip(watched, place.members, strict=True)
        ]

    def _device(self, queue: Queue, device_uri: str) -> Device:
        if queue.is_hooked:
            return IppDevice(self._cups.ipp, queue_uri(queue.name))  # only asked how it is
        return open_device(queue.settings, self._ipp, device_uri)

    def _cups_delivery(self, queue: Queue) -> CupsDelivery:
        return CupsDelivery(self._jobs, self._preparation.spool, queue, self._cups.sessions, self._cups.cupsd)

    def _single(self, queue: Queue, only: PoolMember) -> JobDelivery:
        if only.device_seen:
            queue.change_device(only.said)
        if queue.is_hooked:
            return self._cups_delivery(queue)
        return Delivery(self._jobs, self._preparation, queue, only.device, only.line, snmp=self._snmp)

    def _pool(self, queue: Queue, members: list[PoolMember]) -> Pool:
        return Pool(self._jobs, self._preparation, queue, members, self._snmp)

    def _device_watch(self, watched: Watched, member: PoolMember, place: _Place) -> DeviceWatch:
        snmp, host = place.watched_by, host_of(member.device_uri)
        poll_s = self._settings.device_poll_s
        look = (
            SnmpLook(self._snmp, Agent(host, snmp), place.queue.name, poll_s) if snmp is not None and host else None
        )
        return DeviceWatch(
            watched, member.device_uri, member.device, member.line, self._jobs, place.report, self._store, poll_s,
            look, first_look_after_s=len(self._places) * _BETWEEN_FIRST_LOOKS_S if member.device_seen else 0.0,
        )  # fmt: skip


async def _watch(watch: DeviceWatch) -> None:
    """A watch that goes on after a fault of its own: the queue prints without it."""
    while True:
        try:
            await watch.run()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("device watch failed queue=%s", watch.queue)
            await asyncio.sleep(30.0)
