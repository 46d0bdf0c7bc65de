"""The plain functions of the CUPS hook: what a run is about, what an exit code means, what CUPS is asked to do."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from everprint.contract.job_life import JobState
from everprint.documents.ticket import SidesKeyword
from everprint.provider.cups.arrival import Arrival, Known, arrival_of, exit_of
from everprint.provider.cups.cups_job import CupsJob
from everprint.provider.cups.cupsd import NOT_THERE, Standing
from everprint.provider.cups.outcome import Ended, Verdict, judge, sides_out
from everprint.provider.cups.reconcile import Step, step_of
from everprint.provider.cups.sessions import Exit
from everprint.provider.cups.submission import BadHello, Hello, Submission, read_hello, read_options, submission_of
from tests.provider.jobs_for_tests import a_job

UUID = "urn:uuid:910d0d40-0254-389d-7c7e-8257e5574498"
OPTIONS = f"finishings=3 sides=two-sided-long-edge job-uuid={UUID} time-at-processing=17 ColorModel=RGB Duplex=None"


def hello(**changes: object) -> Hello:
    said = {
        "run": "a",
        "queue": "office",
        "argv": ("7", "ann", "Report", "2", OPTIONS),
        "octets": 100,
        "by_file": False,
        "final_content_type": "application/pdf",
        "ppd_defaults": {"PPD": "yes", "Duplex": "DuplexTumble", "ColorModel": "RGB"},
    }
    return msgspec.convert({**said, **changes}, Hello)


def submission(device: str = "ipp://printer/ipp/print", **changes: object) -> Submission:
    return submission_of(hello(**changes), device)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('a=1 b=\'two words\' c="x \\" y"', [("a", "1"), ("b", "two words"), ("c", 'x " y')]),
        ("collate nocollate x=", [("collate", "true"), ("collate", "false"), ("x", "")]),
        ("a=b\\ c media-col={media-size={x=1}} z=9", [("a", "b c"), ("media-col", "{media-size={x=1}}"), ("z", "9")]),
        ("", []),
    ],
)
def test_options_are_read_as_cups_writes_them(text: str, found: list[tuple[str, str]]) -> None:
    assert [one for one in read_options(text) if one[0] in dict(found)] == found


def test_an_ipp_device_is_told_copies_and_sides_and_they_count() -> None:
    names = {attribute.name: attribute.value for attribute in submission().attributes}
    assert names == {"copies": 2, "sides": SidesKeyword.TWO_SIDED_LONG_EDGE}
    assert submission().repeats == 1


def test_any_other_device_gets_octets_and_only_a_file_is_repeated() -> None:
    filtered = submission("socket://printer:9100")
    assert (filtered.attributes, filtered.repeats, filtered.two_sided_by_default) == ((), 1, SidesKeyword.ONE_SIDED)
    assert submission("usb://Maker/Model", by_file=True).repeats == 2


def test_what_the_job_leaves_open_the_ppd_decides_at_an_ipp_device() -> None:
    text = f"job-uuid={UUID}"
    assert submission(argv=("7", "ann", "", "1", text)).two_sided_by_default is SidesKeyword.TWO_SIDED_SHORT_EDGE
    grey = submission(argv=("7", "ann", "", "1", text), ppd_defaults={"PPD": "yes", "ColorModel": "Gray"})
    assert grey.grey_by_default


def test_another_go_at_a_job_is_known_by_its_options_but_moments() -> None:
    later = OPTIONS.replace("=17", "=99") + " job-message-from-operator='It costs too much.' job-hold-until=no-hold"
    assert submission(argv=("7", "ann", "Report", "2", later)).digest == submission().digest
    assert submission(argv=("7", "ann", "Report", "3", OPTIONS)).digest != submission().digest
    assert submission(queue="lab").digest != submission().digest


@pytest.mark.parametrize("argv", [("x", "ann", "", "1", OPTIONS), ("7", "ann", "", "1", "sides=one-sided")])
def test_what_names_no_job_is_refused(argv: tuple[str, ...]) -> None:
    with pytest.raises(BadHello):
        submission(argv=argv)


@pytest.mark.parametrize("octets", [b"", b"[]", b'{"do": "hello"}', b"\xff"])
def test_what_is_no_hello_is_refused(octets: bytes) -> None:
    with pytest.raises(BadHello):
        read_hello(octets)


ENDED = Ended(status=0, taken=100, size=100, pages=None, terminated=False, cancelled=False)


@pytest.mark.parametrize(
    ("ended", "verdict"),
    [
        (ENDED, Verdict.PRINTED),
        (replace(ENDED, taken=None), Verdict.PRINTED),
        (replace(ENDED, status=1), Verdict.IN_DOUBT),
        (replace(ENDED, status=1, taken=0), Verdict.AGAIN),
        (replace(ENDED, status=1, taken=None), Verdict.IN_DOUBT),
        (replace(ENDED, status=2), Verdict.HAND_BACK),
        (replace(ENDED, status=3, taken=0), Verdict.HAND_BACK),
        (replace(ENDED, status=4, taken=0), Verdict.AGAIN),
        (replace(ENDED, status=4), Verdict.IN_DOUBT),
        (replace(ENDED, status=5), Verdict.CANCELLED),
        (replace(ENDED, status=6), Verdict.AGAIN),
        (replace(ENDED, status=7), Verdict.AGAIN),
        (replace(ENDED, status=7, pages=2), Verdict.IN_DOUBT),
        (replace(ENDED, status=-9), Verdict.IN_DOUBT),
        (replace(ENDED, status=-9, taken=0), Verdict.AGAIN),
        (replace(ENDED, status=None, taken=0), Verdict.AGAIN),
        (replace(ENDED, status=None, taken=None), Verdict.IN_DOUBT),
        (replace(ENDED, terminated=True), Verdict.IN_DOUBT),
        (replace(ENDED, terminated=True, taken=0), Verdict.AGAIN),
        (replace(ENDED, terminated=True, cancelled=True), Verdict.CANCELLED),
    ],
)
def test_an_end_means(ended: Ended, verdict: Verdict) -> None:
    assert judge(ended) is verdict


def test_a_cancelled_job_costs_what_was_counted_or_the_share_that_was_read() -> None:
    half = replace(ENDED, taken=50, cancelled=True)
    assert sides_out(half, 10) == 5
    assert sides_out(replace(half, pages=2), 10) == 2
    assert sides_out(replace(half, pages=0), 10) == 0
    assert sides_out(replace(half, taken=None), 10) == 10
    assert sides_out(half, None) is None


def known(state: JobState, *, reasons: tuple[str, ...] = (), in_doubt: bool = False, **cups: object) -> Known:
    of_cups = CupsJob(job_id=7, job_uuid=UUID, document=1, options=submission().digest, pass_at="17")
    of_cups = replace(of_cups, **cups)
    job = replace(a_job(1), queue="office", state=state, job_state_reasons=reasons, in_doubt=in_doubt, cups=of_cups)
    return Known(job, of_cups)


@pytest.mark.parametrize(
    ("before", "arrival"),
    [
        (None, Arrival.NEW),
        (known(JobState.AUTHORISED), Arrival.KNOWN),
        (known(JobState.DELIVERING, options="other"), Arrival.KNOWN),
        (known(JobState.HELD), Arrival.KNOWN),
        (known(JobState.HELD, options="other"), Arrival.REPLACED),
        (known(JobState.HELD, options="other", in_doubt=True), Arrival.KNOWN),
        (known(JobState.HELD, reasons=("account-limit-reached",)), Arrival.RELEASED),
        (known(JobState.COMPLETED), Arrival.ENDED),
        (known(JobState.COMPLETED, closed=True), Arrival.NEW),
        (known(JobState.REFUSED), Arrival.NEW),
    ],
)
def test_a_run_of_the_backend_is_about(before: Known | None, arrival: Arrival) -> None:
    assert arrival_of(before, submission()) is arrival


def test_a_connection_anew_of_a_run_that_printed_is_never_a_new_job() -> None:
    again = submission(printing=True)
    assert arrival_of(known(JobState.COMPLETED, closed=True), again) is Arrival.ENDED
    assert arrival_of(known(JobState.DELIVERING), again) is Arrival.KNOWN


@pytest.mark.parametrize(
    ("state", "reasons", "ending"),
    [
        (JobState.COMPLETED, (), Exit(0)),
        (JobState.CANCELLED, (), Exit(5)),
        (JobState.ABORTED, (), Exit(5)),
        (JobState.HELD, ("job-hold-until-specified",), Exit(3)),
        (JobState.HELD, ("account-limit-reached",), Exit(3, jobstate="account-limit-reached")),
        (JobState.REFUSED, ("account-closed", "aborted-by-system"), Exit(3, jobstate="account-closed")),
        (JobState.REFUSED, ("document-unprintable-error", "aborted-by-system"), Exit(5)),
        (JobState.AUTHORISED, (), None),
        (JobState.DELIVERING, (), None),
    ],
)
def test_the_backend_ends_by_the_job_s_state_and_never_stops_the_queue(
    state: JobState, reasons: tuple[str, ...], ending: Exit | None
) -> None:
    assert exit_of(known(state, reasons=reasons).job) == ending


PENDING, HELD, PROCESSING, CANCELED, COMPLETED = map(Standing, (3, 4, 5, 7, 9))


@pytest.mark.parametrize(
    ("state", "standing", "held_by_us", "step"),
    [
        (JobState.AUTHORISED, HELD, True, Step.RELEASE_THEIRS),
        (JobState.AUTHORISED, HELD, False, Step.NOTHING),
        (JobState.AUTHORISED, PENDING, True, Step.NOTHING),
        (JobState.AUTHORISED, CANCELED, True, Step.CANCEL_OURS),
        (JobState.AUTHORISED, COMPLETED, True, Step.RESTART_THEIRS),
        (JobState.HELD, HELD, True, Step.NOTHING),
        (JobState.HELD, CANCELED, True, Step.CANCEL_OURS),
        (JobState.HELD, COMPLETED, True, Step.NOTHING),
        (JobState.DELIVERING, CANCELED, False, Step.NOTHING),
        (JobState.CANCELLED, HELD, True, Step.CANCEL_THEIRS),
        (JobState.REFUSED, HELD, True, Step.NOTHING),
        (JobState.COMPLETED, PROCESSING, False, Step.NOTHING),
        (JobState.COMPLETED, COMPLETED, False, Step.CLOSE),
    ],
)
def test_what_is_done_about_a_job_whose_backend_does_not_run(
    state: JobState, standing: Standing, held_by_us: bool, step: Step
) -> None:
    assert step_of(state, standing, held_by_us=held_by_us) is step
    assert step_of(state, standing, held_by_us=held_by_us, in_doubt=True) in (Step.NOTHING, step)


def test_a_job_of_that_number_is_ours_only_by_its_uuid() -> None:
    assert Standing(5, job_uuid="urn:uuid:a").of("urn:uuid:a").state == 5
    assert Standing(5).of("urn:uuid:a").state == 5  # it does not say
    assert Standing(5, job_uuid="urn:uuid:b").of("urn:uuid:a") is NOT_THERE
