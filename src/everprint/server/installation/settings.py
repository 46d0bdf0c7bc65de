"""What the settings are, their types, defaults and words; reading them and changing them.

A new setting is a new field here: the page, the command and the check of its documentation follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from django.utils import timezone

from everprint.server.audit_log.note import note
from everprint.server.database import transact
from everprint.server.installation.models import DatabaseVersion, StoredSetting

MOST_DAYS = 36_500


def _says(title: str, text: str) -> msgspec.Meta:
    return msgspec.Meta(title=title, description=text)


class InstallationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting."""

    overdraft: Annotated[
        Decimal,
        _says(
            "Overdraft",
            "How far below zero the balance of a restricted user may fall; a user may have an overdraft of their own",
        ),
    ] = Decimal("0.00")
    largest_payment: Annotated[
        Decimal, _says("Largest payment", "The most that somebody can pay in at once through the payment gateway")
    ] = Decimal("100.00")

    transfers: Annotated[bool, _says("Transfers", "Users can give credit from their balance to each other")] = False
    refund_requests: Annotated[
        bool, _says("Refund requests", "Users can ask for money back for their jobs; operators decide")
    ] = True
    own_cards: Annotated[
        bool,
        _says(
            "Own cards",
            "Whoever signs in at the first use of an unknown card is known by that card from then on; "
            "if not, administrators alone give cards to people",
        ),
    ] = False
    card_needs_pin: Annotated[
        bool, _says("Card and PIN", "A card says who somebody is only together with its holder's PIN")
    ] = False
    hold_hours: Annotated[
        int,
        _says(
            "Hours that held jobs wait",
            "So long after it was sent, a job that nobody released ends, and costs nothing; a printer may have hours "
            "of its own; 0: as each Print Provider's own settings say",
        ),
    ] = 0
    job_details_days: Annotated[
        int,
        _says(
            "Days that details of jobs are kept",
            "After so many days it is forgotten what a finished job's document was called and from which machine it "
            "came; figures and money stay; 0: never",
        ),
    ] = 0
    archive_jobs: Annotated[
        bool,
        _says(
            "Archive of old jobs",
            "Before a job's details are forgotten, all that is known of it is written into a file in the archive "
            "folder of the server that does it",
        ),
    ] = False
    language: Annotated[
        Literal["en", "de"],
        _says("Language", "Of mails, and of pages where neither the reader nor the browser says another one"),
    ] = "en"
    low_balance: Annotated[
        Decimal, _says("Low balance", "Whoever prints and can then spend less than this is told so")
    ] = Decimal("1.00")
    notify_low_balance: Annotated[bool, _says("Tell: low balance", "People are told that their balance is low")] = (
        True
    )
    notify_job_refused: Annotated[
        bool, _says("Tell: refused jobs", "People are told that a job of theirs was refused, and why")
    ] = True
    notify_job_expires: Annotated[
        bool, _says("Tell: held jobs that end", "People are told some time before a held job of theirs ends")
    ] = True
    notify_quota_renewed: Annotated[
        bool, _says("Tell: renewed quotas", "People are told each time that a quota gives them credit")
    ] = False
    notify_printer_trouble: Annotated[
        bool, _says("Tell: printer trouble", "Operators are told of a printer that does not print for two minutes")
    ] = True
    notify_provider_offline: Annotated[
        bool, _says("Tell: silent print servers", "Operators are told of a print server that does not call any more")
    ] = True
    notify_provider_back: Annotated[
        bool, _says("Tell: print servers that are back", "Operators are told that it calls again")
    ] = True
    quiet_from_h: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            le=23,
            title="Quiet from (hour)",
            description="From this hour of the day on, mails about what is not urgent wait for the morning",
        ),
    ] = 0
    quiet_until_h: Annotated[
        int,
        msgspec.Meta(
            ge=0, le=23, title="Quiet until (hour)", description="The same hour as above: there are no quiet hours"
        ),
    ] = 0
    paper_co2_g_a_kg: Annotated[
        int,
        _says(
            "Carbon dioxide of paper",
            "Grams of carbon dioxide equivalent for making a kilogram of paper, in environment reports; best your "
            "supplier's own figure; 0: none is shown",
        ),
    ] = 1_339
    sheets_a_tree: Annotated[
        int, _says("Sheets a tree", "How many sheets one tree gives, in environment reports; 0: no trees are shown")
    ] = 8_333


class BadSetting(ValueError):
    """A key that no setting has, or a value that it cannot have; `key` is the setting."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key
        self.message = message


def read_settings() -> InstallationSettings:
    """The settings now; a stored one that this release does not know is left alone."""
    stored = {row.key: msgspec.json.decode(row.value) for row in StoredSetting.objects.all()}
    return msgspec.convert(stored, InstallationSettings)


def change_settings(said: Mapping[str, object]) -> InstallationSettings:
    """Changes some of them, and what follows from them; all settings as they are then.

    Raises BadSetting; nothing is changed then.
    """
    checked = {key: _checked(key, value) for key, value in said.items()}

    def work() -> InstallationSettings:
        lock_settings()
        before = read_settings()
        for key, value in checked.items():
            text = msgspec.json.encode(value).decode()
            StoredSetting.objects.update_or_create(key=key, defaults={"value": text, "changed_at": timezone.now()})
        now = read_settings()
        _follow(before, now)
        note("settings.change", "settings", msgspec.structs.asdict(before), msgspec.structs.asdict(now))
        return now

    return transact(work)


def lock_settings() -> None:
    """Nobody else changes a setting until the transaction ends: for who reads, compares and then changes."""
    # A row that is always there: of settings that nobody has changed yet there are none.
    DatabaseVersion.objects.get_or_create(pk=1)
    list(DatabaseVersion.objects.select_for_update())


def _follow(before: InstallationSettings, now: InstallationSettings) -> None:
    """What else changes with a setting."""
    from everprint.server.accounts.overdraft import apply_overdraft

    if now.overdraft != before.overdraft:
        apply_overdraft(now.overdraft)
    if now.hold_hours != before.hold_hours:
        _tell_providers()


def _tell_providers() -> None:
    """What is in their snapshots changed."""
    from everprint.contract.messages import FetchSnapshot
    from everprint.server.providers.orders import make_order
    from everprint.server.providers.queries import enrolled

    for provider in enrolled():
        make_order(provider.pk, FetchSnapshot())


def _checked(key: str, value: object) -> object:
    fields = {field.name: field for field in msgspec.structs.fields(InstallationSettings)}
    if key not in fields:
        raise BadSetting(key, f"there is no such setting; expected one of: {', '.join(fields)}")
    try:
        converted: object = msgspec.convert(value, fields[key].type, strict=False)
    except msgspec.ValidationError as error:
        raise BadSetting(key, str(error)) from None
    if isinstance(converted, Decimal):
        _check_amount(key, converted)
    if type(converted) is int and not 0 <= converted <= MOST_DAYS:
        raise BadSetting(key, f"expected 0 to {MOST_DAYS}, got {converted}")
    return converted


def _check_amount(key: str, amount: Decimal) -> None:
    from everprint.server.accounts.money import NotExact, to_units

    try:
        to_units(amount)
    except NotExact as error:
        raise BadSetting(key, str(error)) from None
    if amount < 0:
        raise BadSetting(key, f"{amount} is negative")
