"""The contract's endpoints over real HTTP: what they answer to right, wrong and hostile requests."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from http.client import HTTPConnection
from pathlib import Path

import httpx
import msgspec
import pytest

from everprint.contract.messages import (
    Authenticated,
    Authorise,
    Enrol,
    Enrolled,
    EventBatch,
    EventsTaken,
    JobReceived,
    Orders,
    Preview,
    Previews,
    PreviewsTaken,
    PrinterState,
    PrinterStatus,
    Problem,
    Snapshot,
)
from everprint.contract.version import Versions
from rig.process import Process
from rig.waiting import wait_for
from tests.server.conftest import Database
from tests.server.jobs.test_previews import png
from tests.server.serving import serve_here, server_process, url_of
from tests.server.world import PrintServer, audit_is_clean, balance_of, pages, summary

VERSION = {"Everprint-Contract": "1"}
CREDENTIAL_PATHS = [
    ("POST", "/contract/authenticate"),
    ("POST", "/contract/authorise"),
    ("POST", "/contract/events"),
    ("GET", "/contract/orders"),
    ("GET", "/contract/snapshot"),
    ("POST", "/contract/previews"),
    ("POST", "/contract/job-ids"),
    ("POST", "/contract/jobs/find"),
    ("POST", "/contract/jobs/list"),
    ("POST", "/contract/jobs/steer"),
    ("POST", "/contract/hand-overs/offer"),
    ("POST", "/contract/hand-overs/piece"),
    ("POST", "/contract/hand-overs/withdraw"),
    ("POST", "/contract/hand-overs/open"),
    ("POST", "/contract/hand-overs/fetch"),
    ("POST", "/contract/hand-overs/claim"),
    ("POST", "/contract/hand-overs/decline"),
]


@pytest.fixture
def north(database: Database) -> PrintServer:
    return PrintServer()


@pytest.fixture
def client(north: PrintServer) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {north.credential}", **VERSION}
    with serve_here() as url, httpx.Client(base_url=url, headers=headers, timeout=30) as client:
        yield client


def post(client: httpx.Client, path: str, message: msgspec.Struct | bytes) -> httpx.Response:
    content = message if isinstance(message, bytes) else msgspec.json.encode(message)
    return client.post(path, content=content)


def problem(response: httpx.Response) -> Problem:
    return msgspec.json.decode(response.content, type=Problem)


def question(north: PrintServer) -> Authorise:
    return Authorise(job=north.job(), document=summary(pages(2)))


def test_a_code_enrols_one_provider_once(client: httpx.Client) -> None:
    from everprint.server.providers.enrolment import make_code

    message = Enrol(code=make_code(None).code.lower(), name="south", software_version="9")
    anonymous = httpx.Client(base_url=client.base_url)
    enrolled = msgspec.json.decode(post(anonymous, "/contract/enrol", message).content, type=Enrolled)
    bearer = f"Bearer {enrolled.provider_id}.{enrolled.credential}"
    assert anonymous.get("/contract/snapshot", headers={"Authorization": bearer, **VERSION}).status_code == 200

    again = post(anonymous, "/contract/enrol", message)
    assert (again.status_code, problem(again).code) == (403, "enrolment-code")


def test_an_enrolment_whose_answer_was_lost_is_asked_again_and_answered_the_same(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.server.people.attempts import Attempts
    from everprint.server.providers.contract import endpoints
    from everprint.server.providers.credentials import new_secret, revoke
    from everprint.server.providers.enrolment import make_code
    from everprint.server.providers.models import Provider

    monkeypatch.setattr(endpoints, "_enrolment_attempts", Attempts())  # its own: what is refused here is no guessing
    mine, _ = new_secret()
    message = Enrol(code=make_code(None).code, name="lost", software_version="9", credential=mine)
    first, again = (post(client, "/contract/enrol", message).content for _ in range(2))
    assert first == again
    enrolled = msgspec.json.decode(again, type=Enrolled)
    assert enrolled.credential == mine
    assert Provider.objects.filter(name="lost").count() == 1
    for other in ({"credential": new_secret()[0]}, {"credential": ""}, {"name": "found"}):
        refused = post(client, "/contract/enrol", msgspec.structs.replace(message, **other))
        assert (refused.status_code, problem(refused).code) == (403, "enrolment-code"), other
    revoke(Provider.objects.get(name="lost"))
    assert problem(post(client, "/contract/enrol", message)).code == "enrolment-code"
    weak = msgspec.structs.replace(message, code=make_code(None).code, credential="secret")
    assert problem(post(client, "/contract/enrol", weak)).code == "credential"


def test_a_code_that_was_made_elsewhere_enrols_once_too(client: httpx.Client) -> None:
    from datetime import timedelta

    from everprint.contract.enrolment_codes import is_code, new_code
    from everprint.server.providers.enrolment import take_codes

    code = new_code()
    assert is_code(code)
    take_codes([code], timedelta(days=1))
    message = Enrol(code=code, name="west", software_version="9")
    assert post(client, "/contract/enrol", message).status_code == 200
    take_codes([code], timedelta(days=1))  # a set-up that is done again makes no used code new
    again = msgspec.structs.replace(message, name="west 2")
    assert problem(post(client, "/contract/enrol", again)).code == "enrolment-code"


def test_an_expired_code_a_taken_name_and_another_age_are_refused_and_cost_no_code(client: httpx.Client) -> None:
    from datetime import timedelta

    from everprint.server.providers.enrolment import make_code

    expired = Enrol(code=make_code(None, timedelta(seconds=-1)).code, name="east", software_version="9")
    assert problem(post(client, "/contract/enrol", expired)).code == "enrolment-code"
    code = make_code(None).code
    taken = post(client, "/contract/enrol", Enrol(code=code, name="north", software_version="9"))
    assert (taken.status_code, problem(taken).code) == (409, "name-taken")
    future = Enrol(code=code, name="south", software_version="9", versions=Versions(7, 9))
    refused = post(client, "/contract/enrol", future)
    assert (refused.status_code, problem(refused).code) == (426, "contract-version")
    assert "upgrade the Application Server" in problem(refused).detail
    assert (
        post(client, "/contract/enrol", msgspec.structs.replace(future, versions=Versions(1, 9))).status_code == 200
    )


def test_guessing_codes_is_slowed_down(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.people.attempts import Attempts
    from everprint.server.providers.contract import endpoints

    monkeypatch.setattr(endpoints, "_enrolment_attempts", Attempts())  # fresh: others failed before us
    wrong = Enrol(code="AAAA-BBBB-CCCC-DDDD", name="south", software_version="9")
    statuses = [post(client, "/contract/enrol", wrong).status_code for _ in range(7)]
    assert statuses[:5] == [403] * 5
    assert statuses[-1] == 429


@pytest.mark.parametrize(("method", "path"), CREDENTIAL_PATHS)
@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer .",
        "Bearer not-a-uuid.secret",
        "Bearer 00000000-0000-0000-0000-000000000000.secret",
        "Basic YWxpY2U6c2VjcmV0",
        "Bearer {id}.wrong",
        "Bearer {id}.\udcff",
        "Bearer {id}.{secret}x",
    ],
)
def test_without_the_right_credential_nothing_is_answered(
    client: httpx.Client, north: PrintServer, method: str, path: str, authorization: str | None
) -> None:
    number, _, secret = north.credential.partition(".")
    headers = dict(VERSION)
    if authorization is not None:
        headers["Authorization"] = authorization.format(id=number, secret=secret).encode("utf-8", "surrogateescape")  # type: ignore[assignment]
    response = httpx.request(method, f"{client.base_url}{path}", headers=headers, content=b"{}")
    assert (response.status_code, problem(response).code) == (401, "bad-credential")


def test_a_revoked_credential_ends_at_once(client: httpx.Client, north: PrintServer) -> None:
    from everprint.server.providers.credentials import revoke

    assert client.get("/contract/snapshot").status_code == 200
    revoke(north.provider)
    assert client.get("/contract/snapshot").status_code == 401


@pytest.mark.parametrize(("method", "path"), CREDENTIAL_PATHS)
@pytest.mark.parametrize("version", ["0", "2", "", "one", "99999999999"])
def test_another_contract_version_is_refused_and_told_who_is_behind(
    client: httpx.Client, method: str, path: str, version: str
) -> None:
    response = client.request(method, path, headers={"Everprint-Contract": version}, content=b"{}")
    assert (response.status_code, problem(response).code) == (426, "contract-version")


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/contract/authorise", b"", "truncated"),
        ("/contract/authorise", b"{", "truncated"),
        ("/contract/authorise", b"[" * 100_000, "message"),
        ("/contract/authorise", b"\xff\xfe", "message"),
        ("/contract/authorise", b"{}", "job"),
        ("/contract/events", b'{"events": [{}]}', "$.events[0]"),
        ("/contract/events", b'{"events": [{"sequence": 1.5}]}', "$.events[0].sequence"),
        ("/contract/authenticate", b'{"user_name": 5, "password": "x"}', "$.user_name"),
    ],
)
def test_a_message_that_is_none_is_refused_and_the_field_named(
    client: httpx.Client, path: str, body: bytes, named: str
) -> None:
    response = post(client, path, body)
    assert (response.status_code, problem(response).code) == (400, "bad-message")
    assert named in problem(response).detail


def test_pictures_are_taken_from_the_jobs_provider_and_refused_where_they_are_none(
    client: httpx.Client, north: PrintServer
) -> None:
    job = north.job()
    message = Previews(job_id=job.job_id, pictures=[Preview(page=1, png=png())])
    unknown = post(client, "/contract/previews", message)
    assert (unknown.status_code, problem(unknown).code) == (409, "unknown-job")
    north.report(job, JobReceived(job=job))
    assert msgspec.json.decode(post(client, "/contract/previews", message).content, type=PreviewsTaken).kept == 1
    for bad, named in (
        (Previews(job_id=job.job_id, pictures=[Preview(page=1, png=b"GIF89a")]), "page 1 is not taken: it is no PNG"),
        (Previews(job_id="../../etc/passwd", pictures=[]), "job_id"),
        (Previews(job_id=job.job_id, pictures=[Preview(page=1, png=b"")] * 101), "pictures has 101 items"),
    ):
        refused = post(client, "/contract/previews", bad)
        assert (refused.status_code, problem(refused).code) == (400, "bad-message")
        assert named in problem(refused).detail


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"octets": -1}, "job.octets"),
        ({"octets": 2**63}, "job.octets"),
        ({"copies": 0}, "job.copies"),
        ({"copies": 2**40}, "job.copies"),
        ({"ticket": {"copies": 0}}, "document.ticket.copies"),
        ({"ticket": {"copies": 2**31}}, "document.ticket.copies"),
        ({"ticket": {"number_up": 10_001}}, "document.ticket.number_up"),
        ({"job_id": "../../etc/passwd"}, "job.job_id"),
        ({"job_id": "6F9619FF-8B86-D011-B42D-00CF4FC964FF"}, "job.job_id"),
        ({"submitted_at": "0001-01-01T00:00:00+14:00"}, "job.submitted_at"),
        ({"submitted_at": "2026-01-01T00:00:00"}, "job.submitted_at"),
    ],
)
def test_what_no_honest_provider_says_is_refused_and_the_field_named(
    client: httpx.Client, north: PrintServer, changes: dict[str, object], named: str
) -> None:
    message = msgspec.to_builtins(question(north))
    part, _, _ = named.partition(".")
    message[part].update(changes)
    response = post(client, "/contract/authorise", msgspec.json.encode(message))
    assert response.status_code == 400
    assert named in problem(response).detail


@pytest.mark.parametrize("impressions", [-1, 10**7 + 1, 10**30])
def test_absurd_page_counts_reach_neither_the_ledger_nor_the_database(
    client: httpx.Client, north: PrintServer, impressions: int
) -> None:
    message = msgspec.to_builtins(question(north))
    message["document"]["output"]["sides"][0]["impressions"] = impressions
    assert post(client, "/contract/authorise", msgspec.json.encode(message)).status_code == 400


def test_a_body_too_large_is_refused_before_it_is_read(client: httpx.Client) -> None:
    from everprint.server.providers.contract.call import MOST_OCTETS

    announced = HTTPConnection(client.base_url.host, client.base_url.port or 80, timeout=30)
    announced.putrequest("POST", "/contract/events")
    announced.putheader("Content-Length", str(MOST_OCTETS + 1))
    announced.endheaders()
    answer = announced.getresponse()
    assert (answer.status, msgspec.json.decode(answer.read(), type=Problem).code) == (413, "too-large")
    announced.close()
    pieces = (b"x" * (1 << 20) for _ in range(9))
    with contextlib.suppress(httpx.WriteError):  # it may be cut off while it still sends
        assert client.post("/contract/events", content=pieces).status_code == 413


def test_unknown_paths_and_methods_are_problems_too(client: httpx.Client) -> None:
    assert problem(client.get("/contract/nothing")).code == "unknown-endpoint"
    response = client.get("/contract/authorise")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_a_field_that_a_newer_provider_adds_is_skipped(client: httpx.Client, north: PrintServer) -> None:
    message = msgspec.to_builtins(question(north))
    message["job"]["colour-of-the-moon"] = "blue"
    assert post(client, "/contract/authorise", msgspec.json.encode(message)).json()["type"] == "print"


def test_authorise_answers_the_decision(client: httpx.Client, north: PrintServer) -> None:
    message = question(north)
    answers = {post(client, "/contract/authorise", message).content for _ in range(3)}
    assert answers == {b'{"type":"print","cost":"0.1000","account":"alice"}'}
    assert balance_of("alice") == Decimal("0.90")
    elsewhere = msgspec.structs.replace(message, job=north.job(queue="elsewhere"))
    response = post(client, "/contract/authorise", elsewhere)
    assert (response.status_code, problem(response).code) == (404, "unknown-queue")


def test_two_questions_at_once_get_one_answer(client: httpx.Client, north: PrintServer) -> None:
    message = question(north)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(client, "/contract/authorise", message).content, range(16)))
    assert len(set(answers)) == 1
    assert balance_of("alice") == Decimal("0.90")


def test_events_are_taken_once_and_a_gap_is_told_what_must_come(client: httpx.Client, north: PrintServer) -> None:
    job = north.job()
    first, second = north.event(job, JobReceived(job=job)), north.event(job, JobReceived(job=job))
    for _ in range(2):
        response = post(client, "/contract/events", EventBatch(events=[first]))
        assert msgspec.json.decode(response.content, type=EventsTaken).taken == 1
    later = msgspec.structs.replace(second, sequence=3)
    gap = post(client, "/contract/events", EventBatch(events=[later]))
    assert (gap.status_code, problem(gap).code) == (409, "event-gap")
    assert gap.headers["Everprint-Expected-Sequence"] == "2"
    assert "event 2 must come next" in problem(gap).detail
    assert post(client, "/contract/events", EventBatch(events=[])).json() == {"taken": 1}


def test_more_events_than_a_batch_may_have_are_refused(client: httpx.Client, north: PrintServer) -> None:
    status = PrinterStatus(queue="office", state=PrinterState.IDLE, reasons=[])
    response = post(client, "/contract/events", EventBatch(events=[north.event(None, status) for _ in range(1001)]))
    assert response.status_code == 400
    assert "1000" in problem(response).detail


def test_the_snapshot_changes_its_revision_when_anything_in_it_does(client: httpx.Client, north: PrintServer) -> None:
    from everprint.server.printers.queues import change_printer

    first = client.get("/contract/snapshot")
    snapshot = msgspec.json.decode(first.content, type=Snapshot)
    assert [queue.name for queue in snapshot.queues] == ["office"]
    assert snapshot.queues[0].printer_uuid == north.printer.uuid.urn
    tag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/contract/snapshot", headers=tag).status_code == 304
    change_printer(north.printer, location="first floor")
    changed = client.get("/contract/snapshot", headers=tag)
    assert changed.status_code == 200
    assert msgspec.json.decode(changed.content, type=Snapshot).revision != snapshot.revision


def test_a_password_is_right_or_wrong_and_an_unknown_name_takes_as_long(
    client: httpx.Client, north: PrintServer
) -> None:
    from everprint.server.people.users import change_password, create_user

    change_password(north.user, "correct horse")

    def ask(name: str, password: str) -> tuple[str | None, float]:
        begun = time.perf_counter()
        response = client.post("/contract/authenticate", json={"user_name": name, "password": password})
        answer = msgspec.json.decode(response.content, type=Authenticated)
        return answer.user_name, time.perf_counter() - begun

    assert ask("ALICE", "correct horse")[0] == "alice"
    wrong, unknown = [], []
    for number in range(12):  # the shortest times tell, when a busy machine has let a few pass unhindered
        create_user(f"user-{number}", password="correct horse")
        for asked, name in ((wrong, f"user-{number}"), (unknown, f"nobody-{number}")):
            answer, took = ask(name, "wrong horse")
            assert answer is None
            asked.append(took)
        if number > 1 and min(unknown) > 0.3 * min(wrong):
            return
    pytest.fail(f"unknown names are answered faster: {min(unknown)} s, known ones {min(wrong)} s")


@pytest.mark.parametrize(("role", "operator"), [("user", False), ("operator", True), ("administrator", True)])
def test_who_may_steer_queues(client: httpx.Client, north: PrintServer, role: str, operator: bool) -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.users import change_password, change_role

    change_password(north.user, "correct horse")
    change_role(north.user, Role(role))
    response = client.post("/contract/authenticate", json={"user_name": "alice", "password": "correct horse"})
    assert msgspec.json.decode(response.content, type=Authenticated).operator is operator


def test_passwords_cannot_be_guessed_fast(client: httpx.Client, north: PrintServer) -> None:
    for _ in range(5):
        client.post("/contract/authenticate", json={"user_name": "victim", "password": "guess"})
    response = client.post("/contract/authenticate", json={"user_name": "victim", "password": "guess"})
    assert (response.status_code, problem(response).code) == (429, "too-many-attempts")
    assert int(response.headers["Retry-After"]) > 0
    other = client.post("/contract/authenticate", json={"user_name": "somebody-else", "password": "x"})
    assert other.status_code == 200, "behind the same provider others sign in"


def test_whoever_guesses_locks_out_nobody_at_another_address(client: httpx.Client, north: PrintServer) -> None:
    guess = {"user_name": "victim", "password": "guess", "client_address": "192.0.2.66"}
    statuses = [client.post("/contract/authenticate", json=guess).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    elsewhere = client.post("/contract/authenticate", json={**guess, "client_address": "192.0.2.1"})
    assert elsewhere.status_code == 200


def test_orders_come_at_once_to_whoever_waits_and_until_they_are_acknowledged(
    client: httpx.Client, north: PrintServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from everprint.server.jobs.orders import order_cancel
    from everprint.server.providers.contract import long_poll

    job = north.job()
    north.report(job, JobReceived(job=job))
    made = [order.sequence for order in orders(client, 0)]  # the queue's settings changed
    monkeypatch.setattr(long_poll, "LOOK_EVERY_S", 3600)  # so it can only be woken
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(orders, client, made[-1])
        time.sleep(0.3)
        assert not waiting.done()
        order_cancel(north.seen(job), north.user)
        got = waiting.result(20)
    assert msgspec.to_builtins(got[0].do) == {
        "type": "cancel-job",
        "job_id": job.job_id,
        "by": "alice",
        "request": "",
    }
    assert orders(client, made[-1]) == got, "an order that is not acknowledged comes again"
    north.provider.refresh_from_db()
    assert north.provider.orders_acknowledged == made[-1]


def test_orders_of_another_process_are_found(client: httpx.Client, north: PrintServer) -> None:
    from everprint.server.providers.models import Order, Provider

    last = orders(client, 0)[-1].sequence
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(orders, client, last)
        time.sleep(0.2)
        Order.objects.create(provider=north.provider, sequence=last + 1, kind="fetch-snapshot")
        Provider.objects.filter(pk=north.provider.pk).update(orders_made=last + 1)
        assert [order.sequence for order in waiting.result(10)] == [last + 1]


@pytest.mark.parametrize("after", ["-1", "x", "1" * 19, "1&after=2"])
def test_a_sequence_that_is_none_is_refused(client: httpx.Client, after: str) -> None:
    assert problem(client.get(f"/contract/orders?after={after}")).code == "bad-message"


@pytest.mark.parametrize("patience", ["-1", "x", "1e3", "1&patience=2", "nan"])
def test_a_patience_that_is_none_is_refused(client: httpx.Client, patience: str) -> None:
    assert problem(client.get(f"/contract/orders?patience={patience}")).code == "bad-message"


def test_without_patience_the_answer_comes_at_once(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from everprint.server.providers.contract import long_poll

    async def wait(*_: object) -> None:
        raise AssertionError("it waits")

    last = orders(client, 0)[-1].sequence
    monkeypatch.setattr(long_poll, "_wait", wait)
    answer = client.get(f"/contract/orders?patience=0.0&after={last}")
    assert (answer.status_code, answer.json()) == (200, {"orders": []})


def orders(client: httpx.Client, after: int) -> list[object]:
    response = client.get(f"/contract/orders?after={after}")
    return list(msgspec.json.decode(response.content, type=Orders).orders)


def test_with_a_certificate_plain_http_is_for_this_machine_only(north: PrintServer) -> None:
    headers = {"Authorization": f"Bearer {north.credential}", **VERSION}
    with serve_here(certificate="/somewhere/cert.pem") as url:
        assert httpx.get(f"{url}/contract/snapshot", headers=headers).status_code == 200
    from everprint.server.asgi import installation
    from everprint.server.providers.contract.application import ContractApplication
    from everprint.server.providers.contract.problem import Refused
    from everprint.server.settings import CONFIGURATION

    needs_tls = installation(msgspec.structs.replace(CONFIGURATION, certificate="/somewhere/cert.pem"))
    application = ContractApplication(needs_tls, None, None, None)  # type: ignore[arg-type] # not reached
    with pytest.raises(Refused, match="https://"):
        application._check_tls({"scheme": "http", "client": ("192.0.2.1", 5000)})


@pytest.mark.parametrize("after", [1, 8, 30])
def test_a_server_killed_in_the_middle_of_deciding_decides_each_job_once(
    database: Database, tmp_path: Path, after: int
) -> None:
    north = PrintServer(credit="50.00")
    questions = [msgspec.json.encode(question(north)) for _ in range(60)]
    headers = {"Authorization": f"Bearer {north.credential}", **VERSION}

    def ask(process: Process, content: bytes) -> bytes | None:
        try:
            url = f"{url_of(process)}/contract/authorise"
            return httpx.post(url, content=content, headers=headers, timeout=20).content
        except httpx.TransportError:
            return None

    with server_process(database, tmp_path / "first") as doomed, ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(ask, doomed, content) for content in questions]
        wait_for(f"{after} answers", lambda: sum(each.done() for each in asked) >= after, every_s=0.001)
        doomed.kill()
        answered = [answer.result() for answer in asked]
    assert None in answered, "it was killed too late to prove anything"
    with server_process(database, tmp_path / "second") as heir:
        again = [ask(heir, content) for content in questions]
    assert None not in again
    assert all(before in (None, after) for before, after in zip(answered, again, strict=True))
    assert balance_of("alice") == Decimal("50.00") - 60 * Decimal("0.10")
    assert balance_of("system: reserved") == 60 * Decimal("0.10")
    audit_is_clean()
