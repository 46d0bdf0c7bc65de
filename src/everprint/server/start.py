"""Setting Django up in this process, and serving until told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

import django

from everprint.configuration import ConfigurationError
from everprint.monitor.service_notices import ServiceNotices
from everprint.server.configuration import FILE_VARIABLE, ServerSettings, own_certificate, read_server_settings
from everprint.serving import Listener, serve, stop_on_signals

log = logging.getLogger(__name__)

_SWEEP_S = 900.0
_WAITING_S = 1.0
_SCHEDULE_S = 20.0
_FIRST_ANSWERS_S = 20.0
_FIRST_WORK_S = 3.0


class NotReady(Exception):
    """The server cannot be run as it is; the text says which command mends it."""


def set_up(file: Path | None = None) -> ServerSettings:
    """Reads the settings (from that file, or from where they usually are) and sets Django up with them.

    Raises ConfigurationError.
    """
    if file is not None:
        os.environ[FILE_VARIABLE] = str(file)
    configuration = read_server_settings()
    os.environ["DJANGO_SETTINGS_MODULE"] = "everprint.server.settings"
    django.setup()
    return configuration


def check_ready(configuration: ServerSettings) -> None:
    """Refuses to serve without a key, on a database that is too old or too new, or on one whose disk does not sync.

    Raises NotReady.
    """
    from everprint.monitor.health import Level
    from everprint.server.database import sync_what_a_killed_one_wrote
    from everprint.server.health.checks import check_database

    if not configuration.secret_key_path.exists():
        raise NotReady(
            f"{configuration.secret_key_path} is not there: run `everprint server init` first, "
            "or name the right settings with --config."
        )
    database = check_database()
    if database.level is Level.FAIL:
        raise NotReady(f"The database {database.message}.")
    try:
        sync_what_a_killed_one_wrote()
    except OSError as error:
        raise NotReady(f"The database cannot be synced ({error.strerror}): see to its disk.") from error


def listeners(configuration: ServerSettings) -> list[Listener]:
    """Where the settings say to listen.

    Raises ConfigurationError.
    """
    found = [Listener(*_address("http_listen", item)) for item in configuration.http_listen]
    if configuration.certificate:
        certificate = Path(configuration.certificate)
        key = Path(configuration.certificate_key) if configuration.certificate_key else None
        found += [Listener(*_address("https_listen", item), certificate, key) for item in configuration.https_listen]
    if not found:
        raise ConfigurationError("http_listen is empty and there is no certificate: the server would listen nowhere")
    return found


def _address(key: str, text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise ConfigurationError(f"{key}: {text!r} is not an address; expected host:port, for example *:9192")
    return host.strip("[]") or "*", int(port)


def _forget_what_expired() -> None:
    """Sessions and pictures of pages: else they would stay in the database for ever."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connection

    from everprint.server.jobs.previews import forget_old_previews

    SessionStore.clear_expired()
    forget_old_previews()
    connection.close()


async def _keep_forgetting() -> None:
    """What has expired is forgotten within a quarter of an hour; a database that is away delays it."""
    while True:
        await asyncio.sleep(_SWEEP_S)
        try:
            await asyncio.to_thread(_forget_what_expired)
        except Exception:
            log.exception("what expired cannot be forgotten now; it is tried again in_s=%g", _SWEEP_S)


async def _keep_looking_at_what_waits() -> None:
    """Jobs that wait for credit go on about a second after it is there; PINs are not kept for later."""
    from everprint.server.jobs.credit import release_jobs_with_credit
    from everprint.server.providers.contract.worker import Worker
    from everprint.server.providers.orders import forget_old_passwords

    worker, said = Worker(1, "waiting"), ""
    try:
        while True:
            try:
                await worker.run(release_jobs_with_credit)
                await worker.run(forget_old_passwords)
                said = ""
            except Exception as error:
                if str(error) != said:
                    log.exception("what waits cannot be looked at now")
                said = str(error)
            await asyncio.sleep(_WAITING_S)
    finally:
        worker.stop()


async def _keep_schedule(serves: asyncio.Event) -> None:
    """Scheduled work is done within half a minute of its time, by this server or another one on the database.

    It does not begin before the first answers are given: people wait for these after a fail-over.
    """
    await serves.wait()
    await asyncio.sleep(_FIRST_WORK_S)
    from everprint.server.providers.contract.worker import Worker
    from everprint.server.schedule.works import do_what_is_due

    worker = Worker(1, "schedule")
    try:
        while True:
            try:
                await worker.run(do_what_is_due)
            except Exception:
                log.exception("scheduled work cannot be done now; it is tried again in_s=%g", _SCHEDULE_S)
            await asyncio.sleep(_SCHEDULE_S)
    finally:
        worker.stop()


async def _load_pages() -> None:
    """While health is answered and jobs are taken already: whoever opens the first page need not wait for it."""
    from everprint.server.urls import load_parts

    await asyncio.sleep(_FIRST_ANSWERS_S)
    await asyncio.to_thread(load_parts)


async def _stop_when_too_old(stop: asyncio.Event) -> None:
    """A database that was migrated to what this release cannot serve beside is left alone: the server stops."""
    from everprint.server.migrating.apply import SERVERS_LOOK_S
    from everprint.server.migrating.compatibility import is_too_old
    from everprint.server.providers.contract.worker import Worker

    worker = Worker(1, "compatibility")
    try:
        while not stop.is_set():
            await asyncio.sleep(SERVERS_LOOK_S)
            try:
                if await worker.run(is_too_old):
                    log.error("the database was migrated by a release that this one cannot serve beside: stopping")
                    stop.set()
            except Exception:
                log.exception("it cannot be seen now whether the database was migrated")
    finally:
        worker.stop()


async def run_server(
    configuration: ServerSettings,
    notices: ServiceNotices,
    on_listening: Callable[[list[tuple[str, int]]], None],
) -> None:
    """Serves until SIGTERM or SIGINT; then answers what waits, finishes what is under way, and returns.

    The service manager is told how it is.
    """
    from everprint.server.asgi import Application
    from everprint.server.providers.orders import waiting

    stop, serves = asyncio.Event(), asyncio.Event()
    stop_on_signals(stop)
    own = own_certificate(configuration)
    if own is not None:
        await asyncio.to_thread(own.renew_if_due)
    application = Application(configuration)
    await asyncio.to_thread(_forget_what_expired)

    def stopping() -> None:
        log.info("stopping")
        notices.stopping()
        waiting.stop()

    def listening(addresses: list[tuple[str, int]]) -> None:
        on_listening(addresses)
        notices.ready(f"Serves on {len(addresses)} addresses.")
        serves.set()

    beside = [
        asyncio.create_task(_keep_forgetting()),
        asyncio.create_task(_keep_looking_at_what_waits()),
        *([asyncio.create_task(own.keep())] if own is not None else []),
        asyncio.create_task(_keep_schedule(serves)),
        asyncio.create_task(_load_pages()),
        asyncio.create_task(_stop_when_too_old(stop)),
        asyncio.create_task(notices.give_signs_of_life(application.liveness)),
    ]
    try:
        await serve(application, listeners(configuration), stop=stop, on_listening=listening, on_stopping=stopping)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.to_thread(application.stop)
