"""A queue at work: what the Application Server says of it, what its device can do, and the device's state."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from enum import Enum, auto

from everprint.contract import messages
from everprint.contract.device_uris import is_find_me, is_hooked
from everprint.contract.limits import MOST_NUMBER_UP
from everprint.contract.presets import Preset, preset_of
from everprint.contract.trusted_networks import is_in, read_networks
from everprint.documents.result import Language
from everprint.documents.ticket import SidesKeyword, Ticket
from everprint.ipp.message import Attribute, Group
from everprint.ipp.values import MAX_INTEGER
from everprint.provider.abilities import abilities_of
from everprint.provider.conversion.offered import offered
from everprint.provider.mirrored import NEVER_SEEN, SUPPLIES
from everprint.provider.preset_view import View, view_of, whole_view
from everprint.provider.queue_control import UNTOUCHED, QueueControl
from everprint.provider.queue_state import DeviceStatus, Moment, QueueState, state_of


class QueueChange(Enum):
    """What of a queue changed."""

    STATE = auto()
    CONFIGURATION = auto()


class Queue:
    """One queue. `revision` grows with every change that clients can see in its static attributes, and `state` is
    another one with every change of its state.
    """

    def __init__(
        self,
        settings: messages.Queue,
        device: Group | None,
        control: QueueControl = UNTOUCHED,
        convertible: Set[Language] = frozenset(),
    ) -> None:
        """`convertible` are the languages that can be made into what the device takes."""
        self.settings = settings
        self._convertible = convertible
        self.status = DeviceStatus()
        self.control = control
        self.device_seen = device is not None
        self.is_removed = False  # the Application Server has no such queue any more
        self.revision = 0
        self.trusted_networks = read_networks(settings.trusted_networks)
        self._jobs_wait = False
        self._drained = False
        self._watchers: list[Callable[[Queue, QueueChange], None]] = []
        self._device = device or NEVER_SEEN
        self.state = self._state()
        self.state_since = Moment()
        self._read_device()

    @property
    def name(self) -> str:
        """The last part of its URI."""
        return self.settings.name

    @property
    def convertible(self) -> Set[Language]:
        """The languages that can be made into what the device takes; CUPS converts for its own queues."""
        return frozenset() if self.is_hooked else self._convertible

    @property
    def is_hooked(self) -> bool:
        """True if CUPS owns it."""
        return is_hooked(self.settings.device_uri)

    @property
    def is_find_me(self) -> bool:
        """True if it has no device: its jobs are released at printers of other queues."""
        return is_find_me(self.settings.device_uri)

    @property
    def is_drained(self) -> bool:
        """True if the print server takes no new jobs."""
        return self._drained

    def watch(self, watcher: Callable[[Queue, QueueChange], None]) -> None:
        """From now on that is called after each change, at once: it must neither wait nor fail."""
        self._watchers.append(watcher)

    def change_settings(self, settings: messages.Queue) -> None:
        """Takes what a new snapshot says."""
        if settings == self.settings:
            return
        if devices_of(settings) != devices_of(self.settings):
            self._device, self.device_seen, self.status = NEVER_SEEN, False, DeviceStatus()
        self.settings = settings
        self.trusted_networks = read_networks(settings.trusted_networks)
        self._read_device()
        self._refresh_state()

    def change_status(self, status: DeviceStatus) -> None:
        """Takes what the device says of its state."""
        self.status = status
        self._refresh_state()

    def change_control(self, control: QueueControl) -> None:
        """Takes what an operator says."""
        self.control = control
        self._refresh_state()

    def change_drained(self, drained: bool) -> None:
        """Takes whether the whole print server is drained (drain.py)."""
        if drained is not self._drained:
            self._drained = drained
            self._refresh_state()

    def note_jobs(self, *, wait: bool) -> None:
        """Takes whether there are unfinished jobs."""
        if wait is not self._jobs_wait:
            self._jobs_wait = wait
            self._refresh_state()

    def change_supplies(self, said: Group) -> None:
        """Takes what the device says of its supplies and alerts, which change more often than what it can do."""
        others = tuple(attribute for attribute in self._device if attribute.name not in SUPPLIES)
        device = Group(self._device.tag, (*others, *(one for one in said if one.name in SUPPLIES)))
        if set(device) != set(self._device):
            self._device = device
            self._read_device(config=False)

    def change_device(self, device: Group) -> None:
        """Takes what the device says of its abilities."""
        self.device_seen = True
        if _abilities(device) != _abilities(self._device):
            self._device = device
            self._read_device()
        else:
            self.change_supplies(device)

    def trusts(self, address: str) -> bool:
        """True if the address is in one of the queue's trusted networks."""
        return is_in(address, self.trusted_networks)

    def preset_of(self, user_name: str) -> Preset | None:
        """What the Application Server says of that person on this queue; None if it says nothing."""
        return preset_of(self.settings.presets, user_name) if self.settings.presets else None

    def view_of(self, user_name: str) -> View:
        """The queue as that person may use it."""
        preset = self.preset_of(user_name)
        if preset is None:
            return self._view
        if preset.name not in self._views:
            self._views[preset.name] = view_of(self.shown, preset)
        return self._views[preset.name]

    def _state(self) -> QueueState:
        # To a queue that CUPS owns people print through CUPS, and its backend brings the jobs.
        accepting = self.settings.accepting and not self._drained and not self.is_hooked
        return state_of(self.status, self.control, accepting=accepting, jobs_wait=self._jobs_wait)

    def _refresh_state(self) -> None:
        state = self._state()
        if state != self.state:
            self.state, self.state_since = state, Moment()
            self._tell(QueueChange.STATE)

    def _tell(self, change: QueueChange) -> None:
        for watcher in self._watchers:
            watcher(self, change)

    def _read_device(self, *, config: bool = True) -> None:
        self.revision += 1
        abilities = abilities_of(self._device)
        self.device_shown: Mapping[str, Attribute] = abilities.device_shown
        self.capabilities = abilities.capabilities
        self.shown: Mapping[str, Attribute] = offered(self.device_shown, self.capabilities, self.convertible)
        self._view = whole_view(self.shown)
        self._views: dict[str, View] = {}
        formats = self.shown["document-format-supported"].values
        self.document_formats = frozenset(value for value in formats if isinstance(value, str))
        self.default_ticket = _default_ticket(Group(self._device.tag, tuple(self.shown.values())))
        self.prints_colour = abilities.prints_colour
        self.document_holds = abilities.document_holds
        if config:
            self.config_since = Moment()
            self._tell(QueueChange.CONFIGURATION)


def devices_of(settings: messages.Queue) -> tuple[tuple[str, ...], messages.OneWay | None]:
    """What a queue must be built anew for when it changes: where its devices are, and what is said for them."""
    return tuple(dict.fromkeys((settings.device_uri, *settings.pool))), settings.one_way


def _abilities(device: Group) -> frozenset[Attribute]:
    return frozenset(attribute for attribute in device if attribute.name not in SUPPLIES)


def _first_number(shown: Group, attribute: str, most: int) -> int:
    values = shown.values(attribute)
    return values[0] if values and isinstance(values[0], int) and values[0] <= most else 1


def _default_ticket(shown: Group) -> Ticket:
    """What the device does when a job does not say."""
    sides = shown.string("sides-default") or SidesKeyword.ONE_SIDED
    return Ticket(
        copies=_first_number(shown, "copies-default", MAX_INTEGER),
        sides=SidesKeyword(sides) if sides in set(SidesKeyword) else SidesKeyword.ONE_SIDED,
        number_up=_first_number(shown, "number-up-default", MOST_NUMBER_UP),
        print_color_mode=shown.string("print-color-mode-default") or "auto",
        collated=shown.string("multiple-document-handling-default") != "separate-documents-uncollated-copies",
    )
