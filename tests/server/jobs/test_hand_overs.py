"""The referee between two providers: who may print a job that goes from one to the other, and what it costs."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from itertools import permutations

import msgspec
import pytest

from everprint.contract.hand_over import (
    PIECE_OCTETS,
    ByRules,
    HandOverState,
    Offer,
    Parcel,
    Piece,
    Standing,
    WantPiece,
    Withdraw,
)
from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    Authorise,
    CancelJob,
    DeliveryBegun,
    DocumentSent,
    HandOverEnded,
    HandOverJob,
    JobAnalysed,
    JobDescription,
    JobFact,
    JobFinished,
    JobGiven,
    JobHeld,
    JobReceived,
    JobReleased,
    JobTaken,
    JobTakenBack,
    OrderKind,
    Print,
    RedirectFailed,
    TakeJobs,
)
from everprint.contract.pricing import SideCosts
from tests.server.conftest import Database
from tests.server.world import (
    NOON,
    PrintServer,
    audit_is_clean,
    balance_of,
    new_printer,
    new_provider,
    pages,
    summary,
    terms,
)

OCTETS = PIECE_OCTETS + 7
PIECES = (b"x" * PIECE_OCTETS, b"y" * 7)


class World:
    """North has a held job of alice's, and an operator sent it to south's printer, which costs twice as much."""

    def __init__(self) -> None:
        from everprint.server.access.permissions import Role
        from everprint.server.jobs.hand_overs import open_for
        from everprint.server.jobs.redirection import order_redirect
        from everprint.server.people.users import create_user
        from everprint.server.printers.costs import change_costs

        self.north = PrintServer()
        self.south, _ = new_provider("south")
        double = Decimal("0.10")
        self.far = new_printer(self.south, "far")
        change_costs(self.far, "", SideCosts(double, double, double, double))
        for provider in (self.north.provider.pk, self.south.pk):
            open_for(provider)  # both hand jobs over
        self.job = self.north.job(octets=OCTETS)
        held = JobHeld(reason="Waits.")
        self.north.report(self.job, JobReceived(job=self.job), JobAnalysed(document=summary(pages(4))), held)
        self.olga = create_user("olga", role=Role.OPERATOR)
        order_redirect(self.seen(), self.far, self.olga)
        order = self.orders(self.north.provider.pk)[-1]
        assert isinstance(order, HandOverJob) and (order.queue, order.by) == ("far", "olga")
        self.hand_over = order.hand_over
        self.told = 0

    def seen(self):  # noqa: ANN201 - the server's Job
        return self.north.seen(self.job)

    @staticmethod
    def orders(provider: uuid.UUID) -> list[OrderKind]:
        from everprint.server.providers.orders import orders_after

        return [order.do for order in orders_after(provider, 0)]

    def give(self) -> None:
        self.north.report(self.job, JobGiven(hand_over=self.hand_over, queue="far", by="olga"))

    def offer(self, octets: int = OCTETS) -> Standing:
        from everprint.server.jobs.hand_overs import offer

        return offer(self.north.provider.pk, Offer(hand_over=self.hand_over, parcel=parcel(self.job, octets)))

    def send(self, number: int) -> Standing:
        from everprint.server.jobs.hand_overs import keep_piece

        piece = Piece(hand_over=self.hand_over, number=number, octets=PIECES[number])
        return keep_piece(self.north.provider.pk, piece)

    def bring(self) -> None:
        """To where the taker may claim it."""
        self.give()
        self.offer()
        self.send(0)
        assert self.send(1).state is HandOverState.OFFERED

    def claim(self) -> Standing:
        from everprint.server.jobs.hand_overs import claim

        return claim(self.south.pk, self.hand_over)

    def decline(self) -> Standing:
        from everprint.server.jobs.hand_overs import decline

        return decline(self.south.pk, self.hand_over, "no paper")

    def withdraw(self, cancelled_by: str = "") -> Standing:
        from everprint.server.jobs.hand_overs import withdraw

        message = Withdraw(hand_over=self.hand_over, reason="it took too long", cancelled_by=cancelled_by)
        return withdraw(self.north.provider.pk, message)

    @property
    def there(self) -> JobDescription:
        return msgspec.structs.replace(self.job, queue="far")

    def taken(self) -> JobTaken:
        return JobTaken(hand_over=self.hand_over, job=self.there)

    def report_of_south(self, *facts: JobFact) -> None:
        from everprint.contract.messages import Event
        from everprint.server.jobs.replay import take_events

        first = self.told + 1
        self.told += len(facts)
        events = [
            Event(sequence=number, at=NOON, job_id=self.job.job_id, fact=fact)
            for number, fact in enumerate(facts, first)
        ]
        take_events(self.south.pk, events, terms())

    def ask_of_south(self, attempt: int = 2) -> object:
        from everprint.server.jobs.decide import decide

        question = Authorise(job=self.there, document=summary(pages(4)), attempt=attempt)
        return decide(self.south.pk, question, terms())


def parcel(job: JobDescription, octets: int) -> Parcel:
    return Parcel(
        job_id=job.job_id,
        ipp_job_id=4711,
        is_unique=False,
        queue="office",
        first_queue="",
        user_name="alice",
        authenticated=True,
        client_address="192.0.2.99",
        job_name=job.job_name,
        attributes=b"",
        created_at=NOON,
        state=JobState.HELD,
        job_state_reasons=("job-hold-until-specified",),
        attempt=1,
        hold_wanted=False,
        rules=ByRules(),
        pin=None,
        document_format="application/pdf",
        document_name="",
        octets=octets,
        sha256="0" * 64,
    )


@pytest.fixture
def world(database: Database) -> World:
    return World()


@pytest.mark.parametrize("report_first", [True, False])
def test_the_taker_is_charged_for_whichever_it_says_first(world: World, report_first: bool) -> None:
    world.bring()
    assert world.claim().state is HandOverState.TAKEN
    if report_first:
        world.report_of_south(world.taken())
        assert (world.seen().state, world.seen().cost_reserved) == (JobState.ACCEPTED, 0)
    assert world.ask_of_south() == Print(cost=Decimal("0.40"), account="alice")
    world.report_of_south(*(() if report_first else (world.taken(),)), JobAnalysed(document=summary(pages(4))))
    seen = world.seen()
    assert (seen.state, seen.provider, seen.printer) == (JobState.AUTHORISED, world.south, world.far)
    assert HandOverEnded(job_id=world.job.job_id, hand_over=world.hand_over, kept=True) in world.orders(
        world.north.provider.pk
    )
    world.report_of_south(
        DeliveryBegun(), DocumentSent(device_job_id=1), JobFinished(state=JobState.COMPLETED, output=pages(4))
    )
    assert world.seen().cost_charged == Decimal("0.40")
    assert balance_of("alice") == Decimal("0.60")
    assert not world.seen().steps.filter(moved=False).exists()
    audit_is_clean()


def test_the_document_goes_in_pieces_and_is_gone_when_the_taker_has_it(world: World) -> None:
    from everprint.server.jobs.hand_overs import NoSuchPiece, open_for, piece_of
    from everprint.server.jobs.models import HandOverPiece

    # Nothing is taken before the report that it was given away: what else is reported of it comes before.
    assert world.offer() == Standing(state=HandOverState.ORDERED)
    world.give()
    assert world.offer().wanted == 0
    assert world.send(1).wanted == 0
    assert world.send(0).wanted == 1
    assert world.send(0).wanted == world.offer().wanted == 1
    assert not open_for(world.south.pk)
    assert world.send(1) == world.send(1) == Standing(state=HandOverState.OFFERED)
    assert world.orders(world.south.pk)[-1] == TakeJobs()
    (found,) = open_for(world.south.pk)
    assert (found.queue, found.by, found.parcel) == ("far", "olga", parcel(world.job, OCTETS))
    wanted = [WantPiece(hand_over=world.hand_over, number=number) for number in range(3)]
    assert tuple(piece_of(world.south.pk, one).octets for one in wanted[:2]) == PIECES
    for provider, number in ((world.south.pk, 2), (world.north.provider.pk, 0)):
        with pytest.raises(NoSuchPiece):
            piece_of(provider, wanted[number])
    world.claim()
    assert open_for(world.south.pk), "until it reports that it has it"
    world.report_of_south(world.taken())
    assert not open_for(world.south.pk) and not HandOverPiece.objects.exists()


def test_only_one_of_taking_and_taking_back_happens(world: World) -> None:
    """In every order, each asked twice: whoever comes first has it, and hears so again."""
    from everprint.server.jobs.models import HandOver

    world.bring()
    acts: dict[HandOverState, Callable[[], Standing]] = {
        HandOverState.TAKEN: world.claim,
        HandOverState.WITHDRAWN: world.withdraw,
        HandOverState.DECLINED: world.decline,
    }
    for order in permutations(acts):
        HandOver.objects.update(state=HandOverState.OFFERED.value)
        for act in (*order, *order):
            assert acts[act]().state is order[0]


def test_nobody_else_may_speak_of_it(world: World) -> None:
    from everprint.server.jobs.hand_overs import claim, withdraw

    world.bring()
    assert claim(world.north.provider.pk, world.hand_over).state is HandOverState.UNKNOWN
    message = Withdraw(hand_over=world.hand_over, reason="")
    assert withdraw(world.south.pk, message).state is HandOverState.UNKNOWN
    # It was not claimed: south has no word in it.
    third, _ = new_provider("west")
    from everprint.server.jobs.decide import NotDecidable, decide

    question = Authorise(job=world.there, document=summary(pages(4)), attempt=2)
    with pytest.raises(NotDecidable, match="another provider"):
        decide(third.pk, question, terms())


def test_what_its_giver_asked_before_is_not_decided_on_the_way(world: World) -> None:
    from everprint.server.jobs.decide import NotDecidable

    world.give()
    with pytest.raises(NotDecidable, match="on its way"):
        world.north.ask(world.job, pages(4))
    world.withdraw()
    assert isinstance(world.north.ask(world.job, pages(4), attempt=2), Print)
    world.north.report(world.job, JobTakenBack(hand_over=world.hand_over, reason="it took too long"))
    assert (world.seen().state, world.seen().cost_reserved) == (JobState.AUTHORISED, Decimal("0.20"))


def test_a_job_that_comes_back_is_held_and_decided_anew(world: World) -> None:
    world.bring()
    assert world.decline() == Standing(state=HandOverState.DECLINED, reason="no paper")
    ended = HandOverEnded(job_id=world.job.job_id, hand_over=world.hand_over, kept=False)
    assert world.orders(world.north.provider.pk)[-1] == ended
    assert world.offer().state is HandOverState.DECLINED
    back = JobTakenBack(hand_over=world.hand_over, reason="no paper")
    world.north.report(world.job, back, JobAnalysed(document=summary(pages(4))), JobHeld(reason="again"))
    seen = world.seen()
    assert (seen.state, seen.provider, seen.releases) == (JobState.HELD, world.north.provider, 1)
    assert not seen.steps.filter(moved=False).exists()


@pytest.mark.parametrize("after_report", [True, False])
def test_a_cancel_that_comes_too_late_goes_to_the_taker(world: World, after_report: bool) -> None:
    world.bring()
    world.claim()
    if after_report:
        world.report_of_south(world.taken())
    world.withdraw(cancelled_by="alice")
    if not after_report:
        world.report_of_south(world.taken())
    assert world.orders(world.south.pk)[-1] == CancelJob(job_id=world.job.job_id, by="alice")


def test_a_giver_that_cannot_gives_nothing_and_may_be_asked_again(world: World) -> None:
    from everprint.server.jobs.redirection import order_redirect

    world.north.report(world.job, RedirectFailed(queue="far", reason="too late"))
    assert world.offer().state is HandOverState.WITHDRAWN
    for _ in range(2):  # the first is never begun, perhaps by an older release
        order_redirect(world.seen(), world.far, world.olga)
    assert (
        len({order.hand_over for order in world.orders(world.north.provider.pk) if isinstance(order, HandOverJob)})
        == 3
    )


def test_what_the_database_must_not_hold_waits_or_goes_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.jobs import hand_overs

    world.give()
    world.offer()
    monkeypatch.setattr(hand_overs, "_MIB", 1024)  # so a mebibyte is all there is room for
    first, world.hand_over = world.hand_over, str(uuid.uuid4())
    hand_overs.HandOver.objects.create(
        uuid=world.hand_over,
        job=world.seen(),
        giver=world.north.provider,
        taker=world.south,
        target=world.far,
        by="olga",
    )
    assert world.offer(octets=100) == Standing(state=HandOverState.ORDERED)
    too_large = world.offer(octets=(1 << 20) + 1)
    assert (too_large.state, too_large.reason) == (HandOverState.WITHDRAWN, "the server hands over at most 1024 MiB")
    world.hand_over = first
    assert world.offer().wanted == 0


def test_owners_and_operators_release_at_a_printer_of_another_provider(world: World) -> None:
    from everprint.server.jobs.orders import NotYours
    from everprint.server.jobs.redirection import order_release_at, targets_of
    from everprint.server.people.users import create_user
    from everprint.server.providers.models import Provider

    with pytest.raises(NotYours):
        order_release_at(world.seen(), world.far, create_user("bert"))
    order_release_at(world.seen(), world.far, world.north.user)
    order = world.orders(world.north.provider.pk)[-1]
    assert isinstance(order, HandOverJob) and (order.release, order.by) == (True, "alice")
    # One that never asked for hand-overs is of an older release.
    Provider.objects.filter(pk=world.south.pk).update(takes_jobs=False)
    assert not targets_of(world.north.printer).exists()


def test_what_a_restored_server_still_reserves_is_given_back_when_the_taker_speaks(database: Database) -> None:
    """The backup is of the moment before the giver's report: its job is authorised there."""
    from everprint.server.jobs.models import HandOver

    world = World()
    world.north.report(world.job, JobReleased())
    assert world.north.ask(world.job, pages(4), attempt=2) == Print(cost=Decimal("0.20"), account="alice")
    HandOver.objects.update(state=HandOverState.TAKEN.value)
    world.report_of_south(world.taken())
    seen = world.seen()
    assert (seen.provider, seen.state, seen.cost_reserved) == (world.south, JobState.ACCEPTED, 0)
    assert balance_of("alice") == Decimal("1.00")
    audit_is_clean()


def test_after_a_restore_neither_side_prints_what_the_other_may_have_printed(world: World) -> None:
    from everprint.server.jobs.hand_overs import doubt_after_restore, open_for
    from everprint.server.jobs.models import HandOverPiece

    world.bring()
    doubt_after_restore()
    assert world.claim().state is world.withdraw().state is world.offer().state is HandOverState.UNKNOWN
    assert not open_for(world.south.pk) and not HandOverPiece.objects.exists()
    # The taker had it before: its word counts.
    world.report_of_south(world.taken(), JobFinished(state=JobState.COMPLETED, output=pages(4)))
    seen = world.seen()
    assert (seen.provider, seen.state, seen.cost_charged) == (world.south, JobState.COMPLETED, Decimal("0.40"))
    audit_is_clean()


def test_what_was_claimed_before_the_backup_stays_the_takers(world: World) -> None:
    from everprint.server.jobs.hand_overs import doubt_after_restore, open_for

    world.bring()
    world.claim()
    doubt_after_restore()
    assert world.withdraw().state is HandOverState.TAKEN and open_for(world.south.pk)


def test_one_with_a_pin_is_released_there_with_its_pin_only(world: World) -> None:
    from everprint.contract.job_passwords import hashed
    from everprint.server.jobs.orders import NotPossible
    from everprint.server.jobs.redirection import order_release_at

    world.north.report(world.job, JobReleased(), JobHeld(reason="Its PIN.", password_encryption="sha2-256"))
    for pin in ("", "1"):
        with pytest.raises(NotPossible, match="PIN"):
            order_release_at(world.seen(), world.far, world.north.user, pin=pin)
    order_release_at(world.seen(), world.far, world.north.user, pin="83140275")
    order = world.orders(world.north.provider.pk)[-1]
    assert isinstance(order, HandOverJob) and order.release
    assert (order.password, order.password_encryption) == (hashed(b"83140275", "sha2-256"), "sha2-256")
