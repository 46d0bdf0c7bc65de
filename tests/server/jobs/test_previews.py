"""Small pictures of a job's pages: whose they are, how long they are kept, and what is not taken for one."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from http import HTTPStatus

import msgspec
import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from everprint.contract.messages import (
    DecidedOffline,
    JobAnalysed,
    JobDescription,
    JobReceived,
    Preview,
    Previews,
    Print,
)
from everprint.contract.pricing import ZERO
from tests.server.world import PrintServer, new_provider, pages, summary, terms

pytestmark = pytest.mark.usefixtures("database")


def png(colour: str = "red", size: tuple[int, int] = (20, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def pictures(job: JobDescription, *pages: int, colour: str = "red") -> Previews:
    return Previews(job_id=job.job_id, pictures=[Preview(page=page, png=png(colour)) for page in pages])


@pytest.fixture
def server() -> PrintServer:
    return PrintServer()


@pytest.fixture
def job(server: PrintServer) -> JobDescription:
    """A job of alice's that the server knows."""
    description = server.job()
    server.report(description, JobReceived(job=description))
    return description


def signed_in(name: str, role: str = "user") -> Client:
    from everprint.server.access.permissions import Role
    from everprint.server.people.models import User
    from everprint.server.people.users import create_user

    user = User.objects.filter(name=name).first() or create_user(name, role=Role(role), password="correct horse")
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, "everprint.server.people.backend.UserBackend")
    return client


def keep_for(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    from everprint.server.jobs import previews

    changed = msgspec.structs.replace(previews.CONFIGURATION, previews_keep_h=hours)
    monkeypatch.setattr(previews, "CONFIGURATION", changed)


def test_sending_them_again_changes_nothing(server: PrintServer, job: JobDescription) -> None:
    from everprint.server.jobs.previews import keep_previews, previews_of

    assert keep_previews(server.provider.pk, pictures(job, 1, 2)) == 2
    first = [bytes(preview.png) for preview in previews_of(server.seen(job))]
    assert keep_previews(server.provider.pk, pictures(job, 2, 3, colour="blue")) == 3
    found = list(previews_of(server.seen(job)))
    assert [preview.page for preview in found] == [1, 2, 3]
    assert [bytes(preview.png) for preview in found[:2]] == first
    assert (found[0].width, found[0].height) == (20, 30)


def test_only_the_jobs_own_provider_sends_pictures_of_it(server: PrintServer, job: JobDescription) -> None:
    from everprint.server.jobs.previews import UnknownJob, keep_previews

    other, _ = new_provider("south")
    with pytest.raises(UnknownJob):
        keep_previews(other.pk, pictures(job, 1))
    with pytest.raises(UnknownJob):
        keep_previews(server.provider.pk, pictures(server.job(job_id=str(uuid.uuid4())), 1))


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (Preview(page=0, png=png()), "page 0"),
        (Preview(page=101, png=png()), "page 101"),
        (Preview(page=2, png=bytes((512 << 10) + 1)), "more than 524288"),
        (Preview(page=2, png=b"<svg onload='alert(1)'/>"), "no PNG"),
        (Preview(page=2, png=png(size=(501, 10))), "501 by 10"),
    ],
)
def test_one_bad_picture_refuses_all_of_the_message(
    server: PrintServer, job: JobDescription, picture: Preview, why: str
) -> None:
    from everprint.server.jobs.previews import BadPreview, keep_previews, previews_of

    message = Previews(job_id=job.job_id, pictures=[Preview(page=1, png=png()), picture])
    with pytest.raises(BadPreview, match=why):
        keep_previews(server.provider.pk, message)
    assert not previews_of(server.seen(job)).exists()


def test_only_the_owner_and_who_has_the_permission_see_the_pictures(server: PrintServer, job: JobDescription) -> None:
    from everprint.server.jobs.previews import keep_previews

    keep_previews(server.provider.pk, pictures(job, 1))
    page = f"/jobs/{server.seen(job).number}"
    picture = f"{page}/pages/1"
    for name, role in (("alice", "user"), ("ada", "administrator")):
        answer = signed_in(name, role).get(picture)
        assert (answer.status_code, answer["Content-Type"]) == (HTTPStatus.OK, "image/png"), name
        assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store", "nosniff")
        assert Image.open(io.BytesIO(answer.content)).size == (20, 30)
    for name, role in (("bob", "user"), ("oscar", "operator")):
        assert signed_in(name, role).get(picture).status_code == HTTPStatus.NOT_FOUND, name
    assert Client(SERVER_NAME="localhost").get(picture).status_code == HTTPStatus.UNAUTHORIZED
    assert "/pages/1" not in signed_in("oscar").get(page).content.decode()
    assert signed_in("alice").get(f"{page}/pages/2").status_code == HTTPStatus.NOT_FOUND


def test_the_job_page_shows_them_beside_the_verdict(server: PrintServer, job: JobDescription) -> None:
    from everprint.contract.messages import DocumentSummary, JobAnalysed, PageRun
    from everprint.documents.result import Confidence, Coverage
    from everprint.documents.ticket import SidesKeyword, TicketPart
    from everprint.server.jobs.previews import keep_previews
    from tests.server.world import A4, pages

    sheet = {"width_mm": 297.0, "height_mm": 210.0, "media": A4}
    document = DocumentSummary(
        language="PCL 5",
        confidence=Confidence.EXACT,
        pages=3,
        output=pages(2, 1),
        page_runs=[
            PageRun(first=1, last=2, colour=False, copies=3, sides=SidesKeyword.ONE_SIDED, **sheet),
            PageRun(first=3, last=3, colour=True, starts_sheet=True, **sheet),
        ],
        settings=TicketPart(copies=2, collated=False, page_ranges=((1, 3),), finishings=("staple",)),
        coverage=Coverage(0.011, 0.5, 0, 0.25),
    )
    server.report(job, JobAnalysed(document=document))
    keep_previews(server.provider.pk, pictures(job, 1, 2, 3))
    text = signed_in("alice").get(f"/jobs/{server.seen(job).number}").content.decode()
    for words in (
        'alt="Page 3"', "landscape", "3 copies each", "on a new sheet", "cyan 1.1 %, magenta 50.0 %, yellow 0.0 %",
        "copies 2", "page-ranges 1 to 3", "copies are not collated", "finishings staple",
    ):  # fmt: skip
        assert words in text, words


def test_pictures_are_forgotten_when_their_time_is_over(
    server: PrintServer, job: JobDescription, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.server.jobs.models import PagePreview
    from everprint.server.jobs.previews import forget_old_previews, keep_previews

    keep_previews(server.provider.pk, pictures(job, 1, 2))
    PagePreview.objects.filter(page=1).update(at=timezone.now() - timedelta(hours=25))
    owner, page = signed_in("alice"), f"/jobs/{server.seen(job).number}/pages"
    # Not seen from that moment on, whenever they are swept away.
    assert [owner.get(f"{page}/{number}").status_code for number in (1, 2)] == [HTTPStatus.NOT_FOUND, HTTPStatus.OK]
    assert forget_old_previews() == 1
    assert PagePreview.objects.count() == 1
    keep_for(monkeypatch, 0)
    assert keep_previews(server.provider.pk, pictures(job, 3)) == 0
    assert forget_old_previews() == 1


def test_a_server_that_keeps_none_does_not_ask_for_them(server: PrintServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.providers import snapshot

    assert snapshot.snapshot_of(server.provider.pk, "Test", "EUR", terms().offline).previews
    changed = msgspec.structs.replace(snapshot.CONFIGURATION, previews_keep_h=0)
    monkeypatch.setattr(snapshot, "CONFIGURATION", changed)
    assert not snapshot.snapshot_of(server.provider.pk, "Test", "EUR", terms().offline).previews


def test_pictures_go_with_their_job(server: PrintServer, job: JobDescription) -> None:
    from everprint.server.jobs.models import JobStep, PagePreview
    from everprint.server.jobs.previews import keep_previews

    keep_previews(server.provider.pk, pictures(job, 1))
    JobStep.objects.all().delete()
    server.seen(job).delete()
    assert not PagePreview.objects.exists()


def test_of_a_job_that_is_not_logged_there_are_none(server: PrintServer, job: JobDescription) -> None:
    from everprint.server.jobs.previews import UnknownJob, keep_previews, previews_of

    keep_previews(server.provider.pk, pictures(job, 1))
    alone = DecidedOffline(attempt=1, user_name="", decision=Print(cost=ZERO, account=""), logged=False)
    server.report(job, JobAnalysed(document=summary(pages(1))), alone)
    assert not previews_of(server.seen(job)).exists()
    with pytest.raises(UnknownJob):
        keep_previews(server.provider.pk, pictures(job, 2))
