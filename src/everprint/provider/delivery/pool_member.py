"""One printer of a pool: where it is, what it says of itself, whose turn it is there."""

from __future__ import annotations

from collections.abc import Callable, Set

from everprint.contract.device_uris import without_password
from everprint.contract.messages import DeviceState
from everprint.documents.result import Language
from everprint.ipp.message import Group
from everprint.provider.abilities import abilities_of
from everprint.provider.delivery.device import Device
from everprint.provider.delivery.line import Line
from everprint.provider.mirrored import NEVER_SEEN, SUPPLIES
from everprint.provider.pooled import is_well
from everprint.provider.queue_state import DeviceStatus


class PoolMember:
    """Watched by a watch of its own (device_watch.Watched); a delivery.described.Described."""

    def __init__(
        self,
        queue: str,
        device_uri: str,
        device: Device,
        line: Line,
        said: Group | None,
        convertible: Set[Language] = frozenset(),
    ) -> None:
        self.name = queue
        self.device_uri = device_uri
        self.device = device
        self.line = line
        self.convertible = convertible
        self.status = DeviceStatus()
        self.device_seen = said is not None
        self.said = said or NEVER_SEEN
        self.revision = 0  # grows with what it can do
        self.last_chosen = 0
        self.on_change: Callable[[], None] = lambda: None
        self._read()

    @property
    def is_well(self) -> bool:
        """True if a job that is sent there now will probably be printed soon."""
        return is_well(self.status)

    def change_status(self, status: DeviceStatus) -> None:
        """Takes what it says of its state."""
        if status != self.status:
            self.status = status
            self.on_change()

    def change_supplies(self, said: Group) -> None:
        """Takes what it says of its supplies and alerts."""
        others = tuple(attribute for attribute in self.said if attribute.name not in SUPPLIES)
        self._take(Group(self.said.tag, (*others, *(one for one in said if one.name in SUPPLIES))))

    def change_device(self, device: Group) -> None:
        """Takes what it says of its abilities."""
        self.device_seen = True
        self._take(device)

    def state(self) -> DeviceState:
        """As the Application Server is told of it."""
        return DeviceState(
            device_uri=without_password(self.device_uri),
            state=self.status.state,
            reasons=list(self.status.reasons),
            message=self.status.message,
            make_and_model=str(self.device_shown["printer-make-and-model"].value) if self.device_seen else "",
        )

    def _take(self, said: Group) -> None:
        if set(said) != set(self.said):
            self.said = said
            self._read()
            self.on_change()

    def _read(self) -> None:
        abilities = abilities_of(self.said)
        self.revision += 1
        self.device_shown = abilities.device_shown
        self.capabilities = abilities.capabilities
        self.prints_colour = abilities.prints_colour
        self.document_holds = abilities.document_holds
