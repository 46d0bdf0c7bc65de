"""The snapshot: all that a provider must know to run its queues, fetched by GET /contract/snapshot."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from everprint.contract.failure_modes import FailureMode, OfflineTerms, UnknownPages
from everprint.contract.presets import Preset
from everprint.contract.pricing import Costs
from everprint.contract.rules import Rule
from everprint.contract.selection import Selection
from everprint.contract.snmp import Snmp


class Authentication(StrEnum):
    """How a queue knows who prints."""

    BASIC = "basic"  # HTTP Basic over TLS, checked by the server
    REQUESTING_USER_NAME = "requesting-user-name"  # the client's word, from trusted networks only


class InDoubtPolicy(StrEnum):
    """What to do with a job when its device cannot say, after a crash, whether it printed it."""

    ASK = "ask"  # hold it: a person sees whether it was printed, and releases or cancels it
    RESEND = "resend"  # send it again: never lost, perhaps printed twice


class OverLimit(StrEnum):
    """What to do with a job that costs more than its owner can spend."""

    HOLD = "hold"  # keep it, and let it go on by itself as soon as there is credit for it
    REFUSE = "refuse"


class OneWay(msgspec.Struct, frozen=True, kw_only=True):
    """What a device can do that cannot be asked (a raw port, LPD). `pjl`: it understands options, and may answer."""

    document_formats: tuple[str, ...] = ("application/pdf", "application/postscript", "application/vnd.hp-PCL")
    media: tuple[str, ...] = ("iso_a4_210x297mm", "na_letter_8.5x11in")  # the first is the default
    colour: bool = False
    two_sided: bool = False
    pjl: bool = True


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A queue that the provider offers, and the device behind it."""

    name: str  # the last part of its URI; unique per provider
    device_uri: str  # with one of device_uris.DEVICE_SCHEMES
    printer_uuid: str  # urn:uuid:..., the same for ever
    info: str = ""
    location: str = ""
    authentication: Authentication = Authentication.BASIC
    trusted_networks: list[str] = []  # CIDR; used with requesting-user-name
    hold: bool = False  # every job waits for release
    hold_hours: float = 0.0  # after its acceptance a held job ends; 0: when the provider's own settings say
    accepting: bool = True
    in_doubt: InDoubtPolicy = InDoubtPolicy.ASK
    one_way: OneWay | None = None  # for socket:// and lpd:// only
    pool: tuple[str, ...] = ()  # more device URIs: jobs are spread over all of them
    # What deciding alone takes. A server that does not say expects its jobs to wait for it.
    failure_mode: FailureMode = FailureMode.HOLD
    unknown_pages: UnknownPages = UnknownPages.REFUSE
    costs: Costs = Costs()
    # A server that does not say never looks at a held job again by itself.
    over_limit: OverLimit = OverLimit.REFUSE
    presets: tuple[Preset, ...] = ()
    selection: Selection = Selection()  # of the account, for people who have none of their own
    snmp: Snmp | None = None  # None: its devices are not asked over SNMP
    rules: tuple[Rule, ...] = ()  # in their order


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's world. `revision` changes whenever anything in it does."""

    revision: str
    server_name: str
    currency: str  # ISO 4217
    queues: list[Queue]
    previews: bool = False  # small pictures of pages are wanted (PREVIEWS)
    answers_for_jobs: bool = False  # providers may ask it about jobs of others, and tell it JobNoted
    offline: OfflineTerms | None = None  # None: from a server that knows no failure modes
    # Who is in the groups that its rules name: said once, however many rules and queues there are.
    groups: dict[str, tuple[str, ...]] = {}
