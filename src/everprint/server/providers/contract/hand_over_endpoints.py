"""The endpoints of hand-overs: decode, check, ask the referee (server.jobs.hand_overs), encode."""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from everprint.contract.hand_over import (
    Claim,
    Decline,
    FoundHandOvers,
    Offer,
    OpenHandOvers,
    Piece,
    Standing,
    WantPiece,
    Withdraw,
)
from everprint.server.jobs import hand_overs
from everprint.server.providers.contract.bounds import check_parcel, check_piece_number, check_uuid
from everprint.server.providers.contract.call import Answer, Call
from everprint.server.providers.contract.problem import Refused
from everprint.server.providers.credentials import Caller

_offer = msgspec.json.Decoder(Offer)
_piece = msgspec.json.Decoder(Piece)
_withdraw = msgspec.json.Decoder(Withdraw)
_open = msgspec.json.Decoder(OpenHandOvers)
_want_piece = msgspec.json.Decoder(WantPiece)
_claim = msgspec.json.Decoder(Claim)
_decline = msgspec.json.Decoder(Decline)


def take_offer(caller: Caller, call: Call) -> Answer:
    """POST /contract/hand-overs/offer"""
    message = call.message(_offer)
    check_uuid("hand_over", message.hand_over)
    check_parcel(message.parcel)
    return _says(hand_overs.offer(caller.id, message))


def take_piece(caller: Caller, call: Call) -> Answer:
    """POST /contract/hand-overs/piece"""
    piece = call.message(_piece)
    check_uuid("hand_over", piece.hand_over)
    check_piece_number(piece.number)
    return _says(hand_overs.keep_piece(caller.id, piece))


def give_back(caller: Caller, call: Call) -> Answer:
    """POST /contract/hand-overs/withdraw"""
    message = call.message(_withdraw)
    check_uuid("hand_over", message.hand_over)
    return _says(hand_overs.withdraw(caller.id, message))


def tell_open(caller: Caller, call: Call) -> Answer:
    """POST /contract/hand-overs/open"""
    call.message(_open)
    return Answer(msgspec.json.encode(FoundHandOvers(hand_overs=hand_overs.open_for(caller.id))))


def give_piece(caller: Caller, call: Call) -> Answer:
    """POST /contract/hand-overs/fetch"""
    wanted = call.message(_want_piece)
    check_uuid("hand_over", wanted.hand_over)
    check_piece_number(wanted.number)
    try:
        return Answer(msgspec.json.encode(hand_overs.piece_of(caller.id, wanted)))
    except hand_overs.NoSuchPiece as error:
        raise Refused(HTTPStatus.CONFLICT, "hand-over-ended", f"{error}.") from None


def take_claim(caller: Caller, call: Call) -> Answer:
    """POST /contract/hand-overs/claim"""
    message = call.message(_claim)
    check_uuid("hand_over", message.hand_over)
    return _says(hand_overs.claim(caller.id, message.hand_over))


def take_refusal(caller: Caller, call: Call) -> Answer:
    """POST /contract/hand-overs/decline"""
    message = call.message(_decline)
    check_uuid("hand_over", message.hand_over)
    return _says(hand_overs.decline(caller.id, message.hand_over, message.reason))


def _says(standing: Standing) -> Answer:
    return Answer(msgspec.json.encode(standing))
