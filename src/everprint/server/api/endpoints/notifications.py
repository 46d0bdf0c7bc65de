"""One's own notifications and wishes; and the words of each kind."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query
from pydantic import BaseModel, Field

from everprint.server.access.permissions import Permission
from everprint.server.api.area import Area
from everprint.server.api.endpoints import me
from everprint.server.api.fields import Body, Id
from everprint.server.api.listing import Asked, Found, cut
from everprint.server.api.problem import Refused
from everprint.server.installation.settings import read_settings
from everprint.server.languages import Language
from everprint.server.notifications.kinds import KINDS, Kind, Words
from everprint.server.notifications.mailing import words_about
from everprint.server.notifications.models import ChangedWords, Notice
from everprint.server.notifications.wishes import change_wishes, kinds_for, mail_language, wish_of
from everprint.server.notifications.wording import BadWords, change_words, use_own_words, words_of
from everprint.server.pages.person import person

area = Area("Notifications")

Line = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Text = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]


class NoticeRecord(BaseModel):
    """Something that one was told, in one's language."""

    id: Id
    kind: str
    at: datetime
    subject: str
    text: str
    seen: bool


class WishesRecord(BaseModel):
    """How one wishes to be told."""

    language: Language | None = Field(description="None: as the browser says, and mails as the installation")
    mail: dict[str, bool] = Field(description="Of which kinds mails are sent")


class WishesWanted(Body):
    """How one wishes to be told from now on."""

    language: Language | None = None
    no_mail: list[Line] = Field([], max_length=100, description="Kinds that no mail is sent of")


class NotificationKindRecord(BaseModel):
    """A kind of notification, and its words in a language."""

    kind: str
    title: str
    on: bool = Field(description="The installation's setting")
    setting: str
    urgent: bool = Field(description="It is mailed in quiet hours too")
    audience: Permission | None = Field(description="Who is told; none: whom it is about")
    fields: list[str]
    language: Language
    subject: str
    text: str
    changed: bool = Field(description="The words are not those that came with Everprint")


class WordsWanted(Body):
    """Words, with fields in braces."""

    subject: Line
    text: Text


@me.area.get("/notices", Found[NoticeRecord], needs=Permission.USE_OWN)
def list_my_notices(request: HttpRequest, asked: Query[Asked]) -> Found[NoticeRecord]:
    """List what one was told, newest first."""
    user = person(request)
    language = mail_language(user)

    def record(notice: Notice) -> NoticeRecord:
        words = words_about(notice, language)
        return NoticeRecord(
            id=notice.pk,
            kind=notice.kind,
            at=notice.at,
            subject=words.subject,
            text=words.text,
            seen=notice.seen_at is not None,
        )

    return cut(Notice.objects.filter(user=user, kind__in=list(KINDS)).order_by("-pk"), asked, record)


@me.area.put("/notices/seen", None, needs=Permission.USE_OWN)
def see_my_notices(request: HttpRequest) -> None:
    """Say that one has seen all that one was told."""
    Notice.objects.filter(user=person(request), seen_at=None).update(seen_at=timezone.now())


@me.area.get("/wishes", WishesRecord, needs=Permission.USE_OWN)
def get_my_wishes(request: HttpRequest) -> WishesRecord:
    """Get how one wishes to be told."""
    return _wishes(request)


@me.area.put("/wishes", WishesRecord, needs=Permission.USE_OWN)
def set_my_wishes(request: HttpRequest, wanted: WishesWanted) -> WishesRecord:
    """Say how one wishes to be told."""
    unknown = [key for key in wanted.no_mail if key not in KINDS]
    if unknown:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "no-such-kind", f"There is no notification {unknown[0]}.")
    change_wishes(person(request), wanted.language, wanted.no_mail)
    return _wishes(request)


@area.get("", list[NotificationKindRecord], needs=Permission.MANAGE_SETTINGS)
def list_notifications(request: HttpRequest) -> list[NotificationKindRecord]:
    """List the kinds of notifications with their words in each language."""
    return [_kind(kind, language) for kind in KINDS.values() for language in Language]


@area.put("/{slug:kind}/{slug:language}", NotificationKindRecord, needs=Permission.MANAGE_SETTINGS)
def set_words(request: HttpRequest, kind: str, language: str, wanted: WordsWanted) -> NotificationKindRecord:
    """Change the words of a kind in a language."""
    of, spoken = _asked(kind, language)
    try:
        change_words(of, spoken, Words(wanted.subject, wanted.text))
    except BadWords as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "bad-words", f"{error}.") from None
    return _kind(of, spoken)


@area.delete("/{slug:kind}/{slug:language}", needs=Permission.MANAGE_SETTINGS)
def remove_words(request: HttpRequest, kind: str, language: str) -> None:
    """Use the words that came with Everprint again."""
    use_own_words(*_asked(kind, language))


def _asked(key: str, code: str) -> tuple[Kind, Language]:
    if key not in KINDS or code not in list(Language):
        raise Refused(HTTPStatus.NOT_FOUND, "not-found", f"There is no notification {key} in {code}.")
    return KINDS[key], Language(code)


def _wishes(request: HttpRequest) -> WishesRecord:
    user = person(request)
    wish = wish_of(user)
    mail = {kind.key: kind.key not in wish.no_mail for kind in kinds_for(user)}
    return WishesRecord(language=wish.language, mail=mail)


def _kind(kind: Kind, language: Language) -> NotificationKindRecord:
    words = words_of(kind, language)
    return NotificationKindRecord(
        kind=kind.key,
        title=kind.title_in(language),
        on=getattr(read_settings(), kind.setting),
        setting=kind.setting,
        urgent=kind.urgent,
        audience=kind.audience,
        fields=list(kind.fields),
        language=language,
        subject=words.subject,
        text=words.text,
        changed=ChangedWords.objects.filter(kind=kind.key, language=language.value).exists(),
    )
