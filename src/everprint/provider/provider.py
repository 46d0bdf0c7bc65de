"""Puts the provider together and runs it until it is told to stop.

A stop needs no care: what was answered is in the journal, and the next start goes on from there (walk).
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from everprint.contract.client import ServerClient
from everprint.contract.trusted_networks import read_networks
from everprint.documents.conversion.converter import WORKER as CONVERTER
from everprint.documents.conversion.converter import Converter
from everprint.documents.conversion.convertible import convertible_here
from everprint.documents.limits import Limits as DocumentLimits
from everprint.documents.pool import WORKER, AnalyserPool
from everprint.ipp.client import IppClient
from everprint.ipp.limits import Limits as IppLimits
from everprint.ipp.service import IppApplication
from everprint.monitor.health import Health
from everprint.monitor.metrics import Gauge, Metrics
from everprint.monitor.service_notices import ServiceNotices
from everprint.provider.background import in_background
from everprint.provider.certificate import listeners, own_certificate
from everprint.provider.cups.hook import Hook
from everprint.provider.cups.parts import cups_parts, hook_socket
from everprint.provider.cups.reconcile import Reconciliation
from everprint.provider.decision import Decisions
from everprint.provider.delivery.preparation import Preparation
from everprint.provider.dns_sd import Announcements
from everprint.provider.drain import DrainWatch
from everprint.provider.findings import findings_of
from everprint.provider.front.call import Front, JobLimits, Ports
from everprint.provider.front.dispatch import ipp_handler
from everprint.provider.front.elsewhere import Elsewhere
from everprint.provider.front.who import Passwords
from everprint.provider.gauges import gauges
from everprint.provider.hand_over.giving import Giving
from everprint.provider.hand_over.taking import Taking
from everprint.provider.health import Pages, liveness, readiness
from everprint.provider.identity import Identity, load_identity
from everprint.provider.job_ids import JobIds
from everprint.provider.jobs import Jobs
from everprint.provider.journal import Journal
from everprint.provider.offline.absence import Absence
from everprint.provider.offline.alone import Alone
from everprint.provider.offline.spendable_fetch import SpendableFetch
from everprint.provider.offline.spendable_store import SpendableStore
from everprint.provider.offline.spending import Spending
from everprint.provider.offline.untold import BackAgain, resume_untold
from everprint.provider.orders import Orders
from everprint.provider.previews import Previews
from everprint.provider.queue_attributes import Limits
from everprint.provider.queue_control import QueueControlStore
from everprint.provider.queues import Queues
from everprint.provider.reporting import Reporting
from everprint.provider.resubmission import Resubmission
from everprint.provider.retention import Retention
from everprint.provider.server_gate import ServerGate
from everprint.provider.settings import ProviderSettings
from everprint.provider.snapshot_store import SnapshotStore
from everprint.provider.snapshots import Snapshots
from everprint.provider.snmp.session import SnmpSession
from everprint.provider.spool import Spool, SpoolFull
from everprint.provider.standing import StandingFile
from everprint.provider.subscriptions.registry import SubscriptionLimits, Subscriptions
from everprint.provider.walk import Walks
from everprint.provider.warming_analyser import WarmingAnalyser
from everprint.serving import Deadlines, serve
from everprint.version import version

log = logging.getLogger(__name__)

JOURNAL = "journal.sqlite3"
SPOOL = "spool"
PREVIEWS = "previews"  # documents of which pictures are being drawn
_MIB = 1 << 20
# Some clients (ipptool) connect before they have something to ask.
_HEADER_S = 60.0
_LOCK_PATIENCE_S, _LOCK_EVERY_S = 2.0, 0.05
# Decisions asked at the same time; a server has few workers and every one of them is quick.
_DECISIONS_AT_ONCE = 16


class StateFolderInUse(Exception):
    """Another provider runs on this state folder."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a running provider is reached."""

    host: str
    port: int
    tls_port: int | None


async def run_provider(
    settings: ProviderSettings,
    stop: asyncio.Event,
    notices: ServiceNotices,
    on_listening: Callable[[Listening], None],
) -> None:
    """Runs until *stop* is set, and tells the service manager how it is.

    Raises NotEnrolled, StateFolderInUse, JournalTooNew, CannotListen, or what breaks it for good.
    """
    folder = Path(settings.state_folder)
    identity = load_identity(folder)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_only_one(folder))
        running = await stack.enter_async_context(_assemble(settings, folder, identity))
        await running.serve(stop, notices, on_listening)


@asynccontextmanager
async def _only_one(folder: Path) -> AsyncIterator[None]:
    """Holds the state folder: two writers of one journal would print twice."""
    descriptor = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        await _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


async def _lock(descriptor: int, folder: Path) -> None:
    """Tries for a moment: a command that looks whether a provider runs holds the lock, too, but not for long."""
    until = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise StateFolderInUse(
                    f"Another provider runs on {folder}: stop it, or use another folder."
                ) from None
        else:
            return
        await asyncio.sleep(_LOCK_EVERY_S)


@asynccontextmanager
async def _assemble(settings: ProviderSettings, folder: Path, identity: Identity) -> AsyncIterator[_Running]:
    async with AsyncExitStack() as stack:
        spool = Spool(folder / SPOOL, settings.free_space_mib * _MIB)
        journal = Journal(folder / JOURNAL, spool.folder, settings.journal_free_mib * _MIB, settings.told_events_kept)
        stack.callback(journal.close)
        retention = Retention(spool, settings.keep_documents_h, settings.keep_documents_mib * _MIB)
        spool.make_room = retention.drop_all
        jobs = Jobs(journal, spool, settings.finished_jobs_kept, retention)
        ca_file = Path(identity.ca_file) if identity.ca_file else None
        servers = [identity.server, *settings.further_servers]
        server = ServerClient(servers, identity.provider_id, identity.credential, ca_file)
        stack.push_async_callback(server.close)
        trusted = ssl.create_default_context(cafile=settings.device_ca_file or None)
        ipp = IppClient(tls=trusted)
        stack.push_async_callback(ipp.close)
        cups = cups_parts(settings, jobs)
        stack.push_async_callback(cups.ipp.close)
        store = SnapshotStore(folder)
        subscriptions = Subscriptions(
            SubscriptionLimits(settings.max_subscriptions, settings.max_subscriptions_per_user)
        )
        jobs.watch(subscriptions.note_job)
        controls = QueueControlStore(folder)
        standing = StandingFile(folder)
        preparation = _preparation(settings, spool)
        snmp = SnmpSession()
        stack.callback(snmp.close)
        queues = Queues(
            jobs,
            journal,
            preparation,
            store,
            ipp,
            cups,
            settings,
            controls,
            subscriptions.note_queue,
            standing,
            snmp,
        )
        stack.push_async_callback(queues.stop)
        analyser = await stack.enter_async_context(WarmingAnalyser(_analyser_pool(settings)))
        spendable = SpendableStore(folder)
        stack.callback(spendable.close)
        spending, back = Spending(jobs), BackAgain(journal, queues)
        absence = Absence(back.tell)
        resume_untold(journal, spending, absence)
        gate = ServerGate(_DECISIONS_AT_ONCE, absence)
        job_ids = JobIds(journal, server, gate)
        alone = Alone(jobs, queues, lambda: queues.snapshot, spendable, spending, absence, settings.max_offline_jobs)
        previews = Previews(
            folder / PREVIEWS,
            spool,
            server,
            first_pages=settings.previews,
            memory_octets=settings.analysis_memory_mib * _MIB,
            wanted=lambda: queues.previews_wanted,
        )
        giving = Giving(jobs, spool, server, settings.hand_over_time_out_s)
        findings = partial(findings_of, spool, analyser, queues)
        walks = Walks(
            jobs,
            spool,
            findings,
            Decisions(jobs, queues, server, gate, alone, settings.server_time_out_s),
            queues.delivery,
            queues.is_removed,
            queues.changed,
            settings.multiple_operation_time_out_s,
            settings.held_jobs_h * 3600.0,
            previews.offer,
            giving.bring,
            queues.held_hours_of,
        )
        stack.push_async_callback(walks.stop)
        resubmission = Resubmission(jobs, job_ids, queues, spool, retention, walks.start)
        front = Front(
            queues=queues,
            knows_queues=lambda: queues.revision is not None,
            jobs=jobs,
            job_ids=job_ids,
            subscriptions=subscriptions,
            spool=spool,
            resubmission=resubmission,
            passwords=Passwords(server, gate, settings),
            limits=Limits(settings.max_document_mib * _MIB, settings.multiple_operation_time_out_s, identity.server),
            job_limits=JobLimits(
                settings.max_active_jobs, settings.max_active_jobs_per_user, settings.max_active_jobs_per_address
            ),
            decision_wait_s=settings.decision_wait_s,
            walk=walks.start,
            identify_device=queues.identify_device,
            control=queues.control,
            findings=findings,
        )
        snapshots = Snapshots(server, store, queues, settings.snapshot_s)
        fetch = SpendableFetch(server, spendable, spending, settings.spendable_s, queues.log_later)
        back.fetch_soon = (snapshots.fetch_soon, fetch.fetch_soon)
        taking = Taking(journal, jobs, job_ids, queues, spool, server, walks.start)
        yield _Running(
            settings=settings,
            journal=journal,
            jobs=jobs,
            job_ids=job_ids,
            spool=spool,
            retention=retention,
            store=store,
            standing=standing,
            queues=queues,
            walks=walks,
            front=front,
            elsewhere=Elsewhere(server, gate, lambda: queues.answers_for_jobs),
            gate=gate,
            snapshots=snapshots,
            spendable=fetch,
            absence=absence,
            drain=DrainWatch(folder, queues.change_drained),
            reporting=Reporting(journal, server, gate, spending),
            previews=previews,
            orders=Orders(
                journal, jobs, queues, server, gate, snapshots.fetch_soon, giving, taking.look, resubmission
            ),
            taking=taking,
            hook=Hook(
                hook_socket(settings),
                settings.cups_hook_users,
                queues,
                jobs,
                job_ids,
                spool,
                cups,
                walks.start,
                front.limits.max_document_octets,
            ),
            reconciliation=Reconciliation(jobs, cups.sessions, cups.cupsd),
        )


@dataclass(frozen=True, slots=True)
class _Running:
    """The parts, put together."""

    settings: ProviderSettings
    journal: Journal
    jobs: Jobs
    job_ids: JobIds
    spool: Spool
    retention: Retention
    store: SnapshotStore
    standing: StandingFile
    queues: Queues
    walks: Walks
    front: Front
    elsewhere: Elsewhere
    gate: ServerGate
    snapshots: Snapshots
    spendable: SpendableFetch
    absence: Absence
    drain: DrainWatch
    reporting: Reporting
    previews: Previews
    orders: Orders
    taking: Taking
    hook: Hook
    reconciliation: Reconciliation

    async def serve(
        self, stop: asyncio.Event, notices: ServiceNotices, on_listening: Callable[[Listening], None]
    ) -> None:
        """Takes up all unfinished jobs, then takes new ones until *stop* is set."""
        snapshot = self.store.load()
        if snapshot is not None:
            await self.queues.apply(snapshot)
        self.drain.look()
        for job in sorted(self.jobs.active(), key=lambda job: job.job_id):
            self.walks.start(job.job_id)
        application = IppApplication(
            ipp_handler(self.front, self.elsewhere),
            limits=IppLimits(max_document_octets=self.front.limits.max_document_octets),
            pages=Pages(
                self._liveness,
                self._readiness,
                Metrics(version(), self._gauges).exposition,
                read_networks(self.settings.metrics_from),
            ),
        )
        own = own_certificate(self.settings)
        if own is not None:
            await asyncio.to_thread(own.renew_if_due)
        deadlines = Deadlines(
            header_s=_HEADER_S,
            max_connections=self.settings.max_connections,
            max_connections_per_address=self.settings.max_connections_per_address,
        )
        announcements = Announcements(self.settings, self.queues, self.front.limits.more_info)

        def listening(addresses: list[tuple[str, int]]) -> None:
            tls_port = addresses[1][1] if len(addresses) > 1 else None
            self.front.ports = Ports(addresses[0][1], tls_port)
            announcements.ports = self.front.ports
            on_listening(Listening(addresses[0][0], addresses[0][1], tls_port))
            notices.ready(f"Takes jobs on port {self.front.ports.plain}.")

        def stopping() -> None:
            notices.stopping()
            self.front.subscriptions.close()

        tasks: dict[str, Callable[[], Awaitable[None]]] = {
            "watchdog": partial(notices.give_signs_of_life, self._liveness),
            "drain": self.drain.run,
            "standing": self.standing.run,
            "job-ids": self.job_ids.run,
            "snapshots": self.snapshots.run,
            "spendable": self.spendable.run,
            "reporting": self.reporting.run,
            "orders": self.orders.run,
            "taking": self.taking.run,
            "retention": self.retention.run,
            "cups hook": self.hook.run,
            "cups": self.reconciliation.run,
        }
        if own is not None:
            tasks["certificate"] = own.keep
        if self.settings.previews:
            tasks["previews"] = self.previews.run
        if self.settings.dns_sd:
            tasks["announcements"] = announcements.run
        async with in_background(tasks):
            await serve(
                application,
                listeners(self.settings),
                deadlines=deadlines,
                stop=stop,
                on_listening=listening,
                on_stopping=stopping,
            )

    def _liveness(self) -> Health:
        return liveness(journal_writes=self.journal.is_alive)

    def _readiness(self) -> Health:
        spool_trouble = ""
        try:
            self.spool.require_space(0)
        except SpoolFull as error:
            spool_trouble = str(error)
        return readiness(
            spool_trouble,
            self._server_trouble(),
            None if self.queues.revision is None else len(self.queues),
            self.journal.unreported(),
        )

    def _gauges(self) -> Iterator[Gauge]:
        return gauges(
            self._readiness(),
            self.jobs.active(),
            {name: queue.status.state for name, queue in self.queues.items()},
            self.journal.unreported(),
        )

    def _server_trouble(self) -> str:
        trouble = self.gate.trouble or self.snapshots.trouble or self.reporting.trouble or self.spendable.trouble
        return f"{trouble} {self.absence.words}".strip()


def _preparation(settings: ProviderSettings, spool: Spool) -> Preparation:
    """The same limits as for analysis, and as far behind what clients wait for."""
    memory_octets = settings.analysis_memory_mib * _MIB
    command = ("nice", "-n", "10", *CONVERTER)
    converter = Converter(settings.analysis_time_out_s, memory_octets, command=command)
    limits = DocumentLimits(document_s=settings.analysis_time_out_s * 0.6, memory_octets=memory_octets // 2)
    return Preparation(spool, converter, limits, convertible_here())


def _analyser_pool(settings: ProviderSettings) -> AnalyserPool:
    return AnalyserPool(
        workers=settings.analysis_workers or os.cpu_count() or 1,
        time_limit_s=settings.analysis_time_out_s,
        memory_limit_octets=settings.analysis_memory_mib * _MIB,
        idle_s=settings.analysis_idle_s or None,
        # Taking jobs comes before looking into them.
        command=("nice", "-n", "10", *WORKER),
    )
