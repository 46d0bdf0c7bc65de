"""What a provider reports becomes the job's life: in order, once, and never lost to one bad event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everprint.contract.job_life import JobState
from everprint.contract.messages import (
    DeliveryBegun,
    DeliveryFailed,
    DocumentSent,
    Event,
    JobAnalysed,
    JobFinished,
    JobHeld,
    JobReceived,
    JobReleased,
    PrinterState,
    PrinterStatus,
)
from everprint.documents.result import NOTHING
from tests.server.world import NOON, PrintServer, audit_is_clean, balance_of, pages, summary, terms

pytestmark = pytest.mark.usefixtures("database")


def test_a_job_is_settled_on_what_came_out() -> None:
    north = PrintServer()
    job = north.job()
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(4))))
    north.ask(job, pages(4))
    assert balance_of("alice") == Decimal("0.80")
    north.report(job, DeliveryBegun(), DocumentSent(device_job_id=17))
    assert (north.seen(job).state, north.seen(job).device_job_id) == ("printing", 17)
    north.report(job, JobFinished(state=JobState.ABORTED, output=pages(1), reason="jammed"))
    seen = north.seen(job)
    assert (seen.state, seen.reason, seen.finished_at) == ("aborted", "jammed", NOON)
    assert (seen.cost_reserved, seen.cost_charged, seen.printed_sheets) == (0, Decimal("0.05"), 1)
    assert balance_of("alice") == Decimal("0.95")
    audit_is_clean()


def test_a_job_of_which_nothing_came_out_costs_nothing() -> None:
    north = PrintServer()
    job = north.job()
    north.ask(job, pages(4))
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(4))))
    north.report(job, JobFinished(state=JobState.CANCELLED, output=NOTHING))
    assert north.seen(job).state == "cancelled"
    assert balance_of("alice") == Decimal("1.00")


def test_more_than_the_credit_came_out_and_the_rest_is_shown_as_uncollected() -> None:
    north = PrintServer(credit="0.10")
    job = north.job()
    north.ask(job, pages(1))
    north.report(job, JobReceived(job=job), JobFinished(state=JobState.COMPLETED, output=pages(5)))
    assert (north.seen(job).cost_charged, north.seen(job).cost_uncollected) == (Decimal("0.10"), Decimal("0.15"))
    assert balance_of("alice") == 0


def test_a_batch_sent_twice_is_taken_once() -> None:
    from everprint.server.jobs.models import JobStep
    from everprint.server.jobs.replay import take_events

    north = PrintServer()
    job = north.job()
    north.ask(job, pages(2))
    facts = [JobReceived(job=job), DeliveryBegun(), JobFinished(state=JobState.COMPLETED, output=pages(2))]
    batch = [north.event(job, fact) for fact in facts]
    assert take_events(north.provider.pk, batch, terms()) == 3
    steps = JobStep.objects.count()
    assert take_events(north.provider.pk, batch, terms()) == 3
    more = north.event(None, PrinterStatus(queue="office", state=PrinterState.IDLE, reasons=[]))
    assert take_events(north.provider.pk, [*batch[1:], more], terms()) == 4, (
        "what overlaps is skipped, what is new is taken"
    )
    assert JobStep.objects.count() == steps
    assert balance_of("alice") == Decimal("0.90")


def test_a_gap_is_refused_and_nothing_of_the_batch_is_taken() -> None:
    from everprint.server.jobs.models import Job
    from everprint.server.jobs.replay import EventGap, take_events

    north = PrintServer()
    job = north.job()
    first, missing, third = (
        north.event(job, fact) for fact in (JobReceived(job=job), DeliveryBegun(), JobReleased())
    )
    for batch, expected in (([missing], 1), ([first, third], 2), ([first, missing, third, third], 4)):
        with pytest.raises(EventGap) as gap:
            take_events(north.provider.pk, batch, terms())
        assert gap.value.expected == expected
    assert not Job.objects.exists()


def test_after_a_restore_the_next_batch_may_start_later() -> None:
    from everprint.server.jobs.replay import EventGap, take_events
    from everprint.server.providers.models import Provider

    north = PrintServer()
    Provider.objects.update(gap_allowed=True)
    status = PrinterStatus(queue="office", state=PrinterState.IDLE, reasons=[])
    assert take_events(north.provider.pk, [Event(sequence=900, at=NOON, job_id=None, fact=status)], terms()) == 900
    with pytest.raises(EventGap):
        take_events(north.provider.pk, [Event(sequence=902, at=NOON, job_id=None, fact=status)], terms())


def test_after_a_restore_what_the_provider_still_has_is_wanted_first() -> None:
    from everprint.server.jobs.replay import EventGap, take_events
    from everprint.server.providers.models import Provider

    north = PrintServer()
    job = north.job()
    facts = (JobReceived(job=job), JobAnalysed(document=summary(pages(4))), DeliveryBegun())
    events = [north.event(job, fact) for fact in facts]
    take_events(north.provider.pk, events[:1], terms())
    Provider.objects.update(gap_allowed=True)
    with pytest.raises(EventGap) as gap:
        take_events(north.provider.pk, events[2:], terms(), oldest=1)
    assert gap.value.expected == 2
    assert take_events(north.provider.pk, events[1:], terms(), oldest=1) == 3


def test_after_a_restore_what_nobody_has_any_more_is_done_without() -> None:
    from everprint.server.jobs.replay import EventGap, take_events
    from everprint.server.providers.models import Provider

    north = PrintServer()
    Provider.objects.update(gap_allowed=True)
    status = PrinterStatus(queue="office", state=PrinterState.IDLE, reasons=[])
    kept, late = (Event(sequence=sequence, at=NOON, job_id=None, fact=status) for sequence in (880, 881))
    with pytest.raises(EventGap) as gap:
        take_events(north.provider.pk, [late], terms(), oldest=880)
    assert gap.value.expected == 880, "all that its provider still has is wanted"
    assert take_events(north.provider.pk, [kept, late], terms(), oldest=880) == 881


def test_a_hold_gives_the_reservation_back_unless_the_job_is_in_doubt() -> None:
    north = PrintServer()
    held, doubtful = north.job(), north.job()
    for job in (held, doubtful):
        north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(4))))
        north.ask(job, pages(4))
    assert balance_of("alice") == Decimal("0.60")
    north.report(held, JobHeld(reason="by alice"))
    north.report(doubtful, DeliveryBegun(), JobHeld(reason="the printer forgot it", in_doubt=True))
    assert (north.seen(held).state, north.seen(held).cost_reserved) == ("held", 0)
    assert (north.seen(doubtful).in_doubt, north.seen(doubtful).cost_reserved) == (True, Decimal("0.20"))
    assert balance_of("alice") == Decimal("0.80")
    north.report(doubtful, JobReleased())
    north.ask(doubtful, pages(4), attempt=2)
    assert balance_of("alice") == Decimal("0.80"), "decided anew, the new reservation takes the old one's place"


def test_a_failed_delivery_keeps_its_reservation_and_is_tried_again() -> None:
    north = PrintServer()
    job = north.job()
    north.ask(job, pages(2))
    north.report(job, JobReceived(job=job), DeliveryBegun(), DeliveryFailed(reason="refused the connection"))
    assert north.seen(job).state == "authorised"
    north.report(job, DeliveryBegun(), JobFinished(state=JobState.COMPLETED, output=pages(2)))
    assert balance_of("alice") == Decimal("0.90")


def test_events_of_a_job_decided_before_they_came_fill_its_time_line_in_order() -> None:
    north = PrintServer()
    job = north.job()
    north.ask(job, pages(2))
    north.report(job, JobReceived(job=job), JobAnalysed(document=summary(pages(2))), DeliveryBegun())
    steps = list(north.seen(job).steps.values_list("event", "state", "moved"))
    assert steps == [
        ("authorised", "authorised", True),
        ("document-received", "accepted", True),
        ("analysed", "analysed", True),
        ("delivery-begun", "delivering", True),
    ]


def test_an_event_that_cannot_happen_is_on_the_time_line_and_moves_nothing() -> None:
    north = PrintServer()
    job = north.job()
    north.report(job, JobReceived(job=job), DocumentSent(device_job_id=1), JobAnalysed(document=summary(pages(1))))
    assert north.seen(job).state == "analysed"
    assert list(north.seen(job).steps.filter(moved=False).values_list("event", flat=True)) == ["document-sent"]


def test_a_second_end_of_a_job_changes_nothing() -> None:
    north = PrintServer()
    job = north.job()
    north.ask(job, pages(2))
    north.report(job, JobReceived(job=job), JobFinished(state=JobState.COMPLETED, output=pages(2)))
    north.report(job, JobFinished(state=JobState.CANCELLED, output=pages(9)))
    assert (north.seen(job).state, north.seen(job).cost_charged) == ("completed", Decimal("0.10"))
    assert balance_of("alice") == Decimal("0.90")


def test_a_printed_job_is_charged_although_reports_of_its_steps_are_missing() -> None:
    north = PrintServer()
    job = north.job()
    north.report(job, JobReceived(job=job), JobFinished(state=JobState.COMPLETED, output=pages(2)))
    assert (north.seen(job).state, north.seen(job).cost_charged) == ("completed", Decimal("0.10"))
    assert balance_of("alice") == Decimal("0.90")


def test_what_nobody_known_printed_is_shown_as_uncollected() -> None:
    north = PrintServer()
    job = north.job(user_name="nobody-we-know")
    north.report(job, JobReceived(job=job), JobFinished(state=JobState.COMPLETED, output=pages(2)))
    assert north.seen(job).cost_uncollected == Decimal("0.10")


def test_events_about_unknown_jobs_and_other_providers_jobs_move_nothing() -> None:
    from everprint.server.jobs.replay import take_events
    from tests.server.world import new_provider

    north = PrintServer()
    job, unknown = north.job(), north.job()
    north.ask(job, pages(2))
    assert north.report(unknown, DeliveryBegun()) == 1
    south, _ = new_provider("south")
    stolen = Event(
        sequence=1, at=NOON, job_id=job.job_id, fact=JobFinished(state=JobState.COMPLETED, output=pages(9))
    )
    assert take_events(south.pk, [stolen], terms()) == 1
    assert north.seen(job).state == "authorised"


def test_an_event_that_breaks_us_does_not_keep_the_others_out(caplog: pytest.LogCaptureFixture) -> None:
    from django.db import connection

    north = PrintServer()
    good, bad, later = north.job(), north.job(), north.job()
    with connection.cursor() as cursor:  # the database refuses one job, as a bug of ours would
        if connection.vendor == "sqlite":
            cursor.execute(
                f"CREATE TRIGGER broken BEFORE INSERT ON jobs_job WHEN NEW.uuid = '{bad.job_id.replace('-', '')}' "
                "BEGIN SELECT RAISE(ABORT, 'broken'); END"
            )
        else:
            cursor.execute(
                "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'broken' USING ERRCODE = 'check_violation'; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER broken BEFORE INSERT ON jobs_job FOR EACH ROW WHEN (NEW.uuid = '{bad.job_id}') "
                "EXECUTE FUNCTION broken()"
            )
    from everprint.server.jobs.models import Job
    from everprint.server.jobs.replay import take_events

    batch = [north.event(job, JobReceived(job=job)) for job in (good, bad, later)]
    assert take_events(north.provider.pk, batch, terms()) == 3
    assert {str(job) for job in Job.objects.values_list("uuid", flat=True)} == {good.job_id, later.job_id}
    assert "event given up" in caplog.text


@contextmanager
def without_room() -> Iterator[None]:
    """The database takes no new job, for want of room. On SQLite really: each connection is held to its size."""
    from django.db import connection
    from django.db.backends.signals import connection_created

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            size = cursor.execute("PRAGMA page_count").fetchone()[0]

            def limit(**_: object) -> None:
                connection.connection.execute(f"PRAGMA max_page_count={size}")

            connection_created.connect(limit)
            connection.close()
            yield
            connection_created.disconnect(limit)
            connection.close()
            return
        cursor.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$"
        )
        cursor.execute("CREATE TRIGGER no_room BEFORE INSERT ON jobs_job FOR EACH ROW EXECUTE FUNCTION no_room()")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER no_room ON jobs_job")


def test_a_database_that_has_no_room_takes_nothing_and_gives_up_nothing() -> None:
    from django.db import OperationalError

    from everprint.server.jobs.models import Job
    from everprint.server.jobs.replay import take_events

    north = PrintServer()
    jobs = [north.job() for _ in range(60)]
    batch = [north.event(job, JobReceived(job=job)) for job in jobs]
    with without_room(), pytest.raises(OperationalError):
        take_events(north.provider.pk, batch, terms())
    assert not Job.objects.exists()
    assert take_events(north.provider.pk, batch, terms()) == 60
    assert Job.objects.count() == 60


def test_a_printer_tells_how_it_is() -> None:
    north = PrintServer()
    status = PrinterStatus(
        queue="office",
        state=PrinterState.STOPPED,
        reasons=["media-empty-error"],
        message="Tray 1\x07",
        make_and_model="Paper Eater 3000",
    )
    north.report(None, status, PrinterStatus(queue="gone", state=PrinterState.IDLE, reasons=[]))
    north.printer.refresh_from_db()
    assert (north.printer.state, north.printer.state_reasons) == ("stopped", ["media-empty-error"])
    assert (north.printer.state_message, north.printer.make_and_model) == ("Tray 1", "Paper Eater 3000")


FACTS = st.sampled_from(
    [
        JobAnalysed(document=summary(pages(3))),
        JobHeld(reason="held"),
        JobHeld(reason="in doubt", in_doubt=True),
        JobReleased(),
        DeliveryBegun(),
        DocumentSent(device_job_id=1),
        DeliveryFailed(reason="away"),
        JobFinished(state=JobState.COMPLETED, output=pages(3)),
        JobFinished(state=JobState.ABORTED, output=pages(1)),
        JobFinished(state=JobState.CANCELLED, output=NOTHING),
    ]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(FACTS, st.just("ask")), max_size=12))
def test_whatever_order_facts_and_decisions_come_in_the_books_are_right(steps: list[object]) -> None:
    """Any provider, however confused: no exception, no money made or lost, nothing reserved for a finished job."""
    from django.db import transaction

    with transaction.atomic():
        north = PrintServer()
        job = north.job()
        north.report(job, JobReceived(job=job))
        attempt = 0
        from everprint.server.jobs.decide import NotDecidable

        for step in steps:
            if step == "ask":
                attempt += 1
                try:
                    north.ask(job, pages(3), attempt)
                except NotDecidable:
                    assert north.seen(job).job_state.is_final
            else:
                north.report(job, step)  # type: ignore[arg-type]
        audit_is_clean()
        seen = north.seen(job)
        assert balance_of("system: reserved") == seen.cost_reserved
        assert balance_of("system: revenue") == seen.cost_charged + seen.cost_uncollected
        assert balance_of("alice") == Decimal(1) - seen.cost_reserved - seen.cost_charged
        if seen.job_state.is_final:
            assert seen.cost_reserved == 0
        transaction.set_rollback(True)
