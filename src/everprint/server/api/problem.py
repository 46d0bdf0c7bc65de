"""What the API answers instead of 2xx, and when; the shape is `refusal`'s.

An error of ours that a caller can mend is in the table `ANSWERS` with its status and its code; its text is the
detail. What is in no table is a fault of ours: 500, with nothing about it in the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import BaseModel, Field

from everprint.contract.user_names import BadUserName
from everprint.server.accounts.booking import NoSuchAccount
from everprint.server.accounts.holders import BelowFloor
from everprint.server.accounts.ledger import BadAmount, KeyReused, LimitReached
from everprint.server.accounts.money import NotExact
from everprint.server.accounts.purses import BadPurse
from everprint.server.accounts.transfers import BadTransfer
from everprint.server.api.refusal import answer
from everprint.server.charging.choice import BadChoice
from everprint.server.charging.shared import BadSharedAccount
from everprint.server.clusters.reports import TooManyClusters
from everprint.server.directory.runs import NoDirectory
from everprint.server.edits import EditedMeanwhile
from everprint.server.installation.settings import BadSetting
from everprint.server.jobs.orders import NotPossible, NotYours
from everprint.server.mail.outbox import BadMail
from everprint.server.mail.smtp import MailServerAway, NotTaken
from everprint.server.oidc.setting import BadOidcProvider
from everprint.server.people.attempts import TooManyAttempts
from everprint.server.people.authority import BeyondOwn
from everprint.server.people.cards import BadCard, CardTaken, UnknownCard, WrongPassword, WrongPin
from everprint.server.people.changes import BadLastDay
from everprint.server.people.csv_table import BadCsv
from everprint.server.people.groups import GroupExists
from everprint.server.people.merging import BadMerge
from everprint.server.people.redaction import BadRedaction
from everprint.server.people.roles import RoleExists
from everprint.server.people.second_factor import HasSecondFactor, WrongCode
from everprint.server.people.users import BadEmail, LastAdministrator, MergedUser, UserExists, WeakPassword
from everprint.server.people.workplace_edits import BadWorkplace, WorkplaceExists
from everprint.server.printers.costs import BadCost
from everprint.server.printers.presets import BadPreset
from everprint.server.printers.queues import BadPrinter
from everprint.server.printers.snmp import BadSnmp
from everprint.server.quotas.setting import BadQuota
from everprint.server.refunds.requests import BadRefund
from everprint.server.release.delegates import BadDelegate
from everprint.server.release.printer_groups import PrinterGroupExists
from everprint.server.release.stations import BadStation
from everprint.server.rules.setting import BadRule
from everprint.server.topup.payments import BadPayment
from everprint.server.topup.voucher_csv import BadCsv as BadVoucherCsv
from everprint.server.topup.vouchers import BadVoucher


class Wrong(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(description="The part of the request, like body.email or query.page")
    message: str


class Problem(BaseModel):
    """Why a request was not done. Programs read `code`, people `detail`."""

    status: int = Field(description="The HTTP status again")
    code: str = Field(description="A stable word for programs, like not-found")
    title: str
    detail: str = Field(description="What is wrong and what to do, for people; it may change")
    errors: list[Wrong] = Field(default=[], description="With invalid and bad-csv: each thing that is wrong")


_S = HTTPStatus
ANSWERS: dict[type[Exception], tuple[HTTPStatus, str]] = {
    BadUserName: (_S.UNPROCESSABLE_ENTITY, "bad-user-name"),
    UserExists: (_S.CONFLICT, "user-exists"),
    GroupExists: (_S.CONFLICT, "group-exists"),
    WorkplaceExists: (_S.CONFLICT, "workplace-exists"),
    BadWorkplace: (_S.UNPROCESSABLE_ENTITY, "bad-workplace"),
    WeakPassword: (_S.UNPROCESSABLE_ENTITY, "weak-password"),
    BadMerge: (_S.CONFLICT, "bad-merge"),
    BadRedaction: (_S.CONFLICT, "bad-redaction"),
    BadLastDay: (_S.UNPROCESSABLE_ENTITY, "bad-last-day"),
    BadEmail: (_S.UNPROCESSABLE_ENTITY, "bad-email"),
    MergedUser: (_S.CONFLICT, "merged-user"),
    LastAdministrator: (_S.CONFLICT, "last-administrator"),
    TooManyClusters: (_S.CONFLICT, "too-many-clusters"),
    NoDirectory: (_S.CONFLICT, "no-directory"),
    CardTaken: (_S.CONFLICT, "card-taken"),
    BadCard: (_S.UNPROCESSABLE_ENTITY, "bad-card"),
    UnknownCard: (_S.NOT_FOUND, "unknown-card"),
    WrongPin: (_S.FORBIDDEN, "wrong-pin"),
    WrongPassword: (_S.FORBIDDEN, "wrong-password"),
    WrongCode: (_S.FORBIDDEN, "wrong-code"),
    HasSecondFactor: (_S.CONFLICT, "has-second-factor"),
    NoSuchAccount: (_S.NOT_FOUND, "not-found"),
    BelowFloor: (_S.CONFLICT, "below-floor"),
    LimitReached: (_S.CONFLICT, "limit-reached"),
    KeyReused: (_S.CONFLICT, "key-reused"),
    BadAmount: (_S.UNPROCESSABLE_ENTITY, "bad-amount"),
    NotExact: (_S.UNPROCESSABLE_ENTITY, "bad-amount"),
    NotYours: (_S.FORBIDDEN, "forbidden"),
    NotPossible: (_S.CONFLICT, "not-possible"),
    BadPrinter: (_S.UNPROCESSABLE_ENTITY, "bad-printer"),
    BadCost: (_S.UNPROCESSABLE_ENTITY, "bad-cost"),
    BadRule: (_S.UNPROCESSABLE_ENTITY, "bad-rule"),
    BadPreset: (_S.UNPROCESSABLE_ENTITY, "bad-preset"),
    BadSnmp: (_S.UNPROCESSABLE_ENTITY, "bad-snmp"),
    BeyondOwn: (_S.FORBIDDEN, "beyond-own"),
    RoleExists: (_S.CONFLICT, "role-exists"),
    PrinterGroupExists: (_S.CONFLICT, "printer-group-exists"),
    BadSharedAccount: (_S.UNPROCESSABLE_ENTITY, "bad-shared-account"),
    BadSetting: (_S.UNPROCESSABLE_ENTITY, "bad-setting"),
    BadMail: (_S.UNPROCESSABLE_ENTITY, "bad-mail"),
    NotTaken: (_S.CONFLICT, "mail-not-taken"),
    MailServerAway: (_S.CONFLICT, "mail-server-away"),
    BadOidcProvider: (_S.UNPROCESSABLE_ENTITY, "bad-oidc-provider"),
    BadPurse: (_S.UNPROCESSABLE_ENTITY, "bad-purse"),
    BadQuota: (_S.UNPROCESSABLE_ENTITY, "bad-quota"),
    BadVoucher: (_S.UNPROCESSABLE_ENTITY, "bad-voucher"),
    BadPayment: (_S.UNPROCESSABLE_ENTITY, "bad-payment"),
    BadTransfer: (_S.UNPROCESSABLE_ENTITY, "bad-transfer"),
    BadChoice: (_S.UNPROCESSABLE_ENTITY, "bad-choice"),
    TooManyAttempts: (_S.TOO_MANY_REQUESTS, "too-many-attempts"),
    BadRefund: (_S.CONFLICT, "bad-refund"),
    BadStation: (_S.UNPROCESSABLE_ENTITY, "bad-station"),
    BadDelegate: (_S.UNPROCESSABLE_ENTITY, "bad-delegate"),
    EditedMeanwhile: (_S.PRECONDITION_FAILED, "edited-meanwhile"),
}


class Refused(Exception):
    """The request is answered with this status and code; raised by endpoints for what no typed error says."""

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code


def not_found() -> HttpResponse:
    """404, also for what belongs to somebody else."""
    return answer(_S.NOT_FOUND, "not-found", "There is nothing here that you may see.")


def forbidden() -> HttpResponse:
    """403"""
    return answer(_S.FORBIDDEN, "forbidden", "Your token or your role does not have the permission for this.")


def answer_problems(api: NinjaAPI) -> None:
    """Lets the API answer all that it can raise with problems."""

    def known(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        status, code = next(ANSWERS[kind] for kind in type(error).mro() if kind in ANSWERS)
        return answer(status, code, str(error))

    for kind in ANSWERS:
        api.add_exception_handler(kind, known)

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, error: Refused) -> HttpResponse:
        return answer(error.status, error.code, str(error))

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        wrong = [{"where": _place(found["loc"]), "message": str(found["msg"])} for found in error.errors]
        return answer(_S.UNPROCESSABLE_ENTITY, "invalid", "The request is not what the API says; see errors.", wrong)

    @api.exception_handler(BadCsv)
    def bad_csv(request: HttpRequest, error: BadCsv) -> HttpResponse:
        wrong = [{"where": f"line {problem.line}", "message": problem.message} for problem in error.problems]
        return answer(_S.UNPROCESSABLE_ENTITY, "bad-csv", "Nothing was imported; see errors.", wrong)

    @api.exception_handler(BadVoucherCsv)
    def bad_voucher_csv(request: HttpRequest, error: BadVoucherCsv) -> HttpResponse:
        wrong = [{"where": "body.csv", "message": problem} for problem in error.problems]
        return answer(_S.UNPROCESSABLE_ENTITY, "bad-csv", "Nothing was imported; see errors.", wrong)

    @api.exception_handler(HttpError)
    def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
        return answer(HTTPStatus(error.status_code), "bad-request", "The body is no JSON in UTF-8.")

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return not_found()

    @api.exception_handler(PermissionDenied)
    def denied(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        return forbidden()

    @api.exception_handler(RequestDataTooBig)
    def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        return answer(_S.REQUEST_ENTITY_TOO_LARGE, "too-large", "The body is larger than this API takes.")


def _place(location: Sequence[object]) -> str:
    """body.email for what ninja calls ("body", "wanted", "email")."""
    source, *rest = (str(step) for step in location)
    return ".".join([source, *(rest[1:] if len(rest) > 1 else rest)])
