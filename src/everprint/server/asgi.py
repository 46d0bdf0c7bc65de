"""The whole server as one ASGI application: the contract and the static files beside Django's pages.

Import it after Django is set up (start.set_up).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.asgi import get_asgi_application

from everprint.monitor.health import CheckResult, Health, Level, Question
from everprint.server.configuration import ServerSettings
from everprint.server.directory_settings import LDAP
from everprint.server.jobs.decide import Terms
from everprint.server.jobs.owner import NewUsers
from everprint.server.providers.contract.application import ContractApplication, Installation
from everprint.server.providers.contract.group_writer import GroupWriter
from everprint.server.providers.contract.worker import Worker
from everprint.server.security.body_limit import limit_body
from everprint.server.static_files import serve_static
from everprint.serving.asgi import ASGIApp, Receive, Scope, Send

CONTRACT = "/contract/"
DATABASE_THREADS = 4
PASSWORD_THREADS = 2
MOST_WAITING_PASSWORDS = 200


class Application:
    """Serves everything; stop() ends its threads."""

    def __init__(self, configuration: ServerSettings) -> None:
        self._database = Worker(DATABASE_THREADS, "contract")
        self._writer = GroupWriter()
        self._passwords = Worker(PASSWORD_THREADS, "passwords", MOST_WAITING_PASSWORDS)
        self._contract = ContractApplication(
            installation(configuration), self._database, self._writer, self._passwords
        )
        self._django = limit_body(cast(ASGIApp, get_asgi_application()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith(CONTRACT):
            await self._contract(scope, receive, send)
        elif path.startswith(settings.STATIC_URL):
            await serve_static(scope, receive, send)
        else:
            await self._django(scope, receive, send)

    def liveness(self) -> Health:
        """Would a new start help? That this is asked and answered at all speaks for the event loop."""
        writes = self._writer.is_alive
        over = "" if writes else "the thread that writes for print servers has ended"
        writer = CheckResult("group-writer", Level.OK if writes else Level.FAIL, over)
        return Health(Question.LIVENESS, (CheckResult("event-loop", Level.OK), writer))

    def stop(self) -> None:
        """After the last request."""
        self._writer.stop()
        self._database.stop()
        self._passwords.stop()


def installation(configuration: ServerSettings) -> Installation:
    """The settings as the contract's endpoints use them."""
    return Installation(
        server_name=configuration.server_name,
        certificate=Path(configuration.certificate) if configuration.certificate else None,
        needs_tls=bool(configuration.certificate),
        terms=Terms(
            new_users=NewUsers(
                create=configuration.create_users_on_first_print,
                credit=Decimal(configuration.initial_credit),
                ask_directory=configuration.directory == LDAP and configuration.directory_on_first_print,
            ),
            currency=configuration.currency,
            currency_decimals=configuration.currency_decimals,
            offline_credit=Decimal(configuration.offline_credit),
        ),
    )
