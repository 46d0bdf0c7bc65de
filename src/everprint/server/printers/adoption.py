"""Queues that CUPS owns and a provider adopted: they become printers here by the provider's word."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from everprint.contract.device_uris import is_hooked
from everprint.contract.messages import Authentication, CupsQueue
from everprint.server.printers.models import Printer
from everprint.server.printers.queues import BadPrinter, add_printer, change_printer
from everprint.server.providers.models import Provider

_MOST_TEXT = 127


class NotOfCups(Exception):
    """The provider has another queue of that name, which people print to here."""


def adopt_queues(provider: uuid.UUID, queues: Sequence[CupsQueue]) -> list[str]:
    """Adds those that are not there, and follows a changed device of those that are; the names of the new ones.

    Who prints is CUPS's word, and nobody can print to them but through CUPS. Raises BadPrinter, NotOfCups.
    """
    owner = Provider.objects.get(pk=provider)
    added: list[str] = []
    for queue in queues:
        if not is_hooked(queue.device_uri):
            raise BadPrinter(f"device_uri: {queue.device_uri!r} is not of a queue that CUPS owns")
        there = Printer.objects.filter(provider=owner, name=queue.name, is_active=True).first()
        if there is None:
            add_printer(
                owner,
                name=queue.name,
                device_uri=queue.device_uri,
                info=queue.info[:_MOST_TEXT],
                location=queue.location[:_MOST_TEXT],
                authentication=Authentication.REQUESTING_USER_NAME.value,
            )
            added.append(queue.name)
        elif not is_hooked(there.device_uri):
            raise NotOfCups(
                f"this print server has a queue {queue.name} already that is not of CUPS: rename or remove it first"
            )
        elif there.device_uri != queue.device_uri:
            change_printer(there, device_uri=queue.device_uri)
    return added
