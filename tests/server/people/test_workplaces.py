"""Departments and offices: from every way by which people come here, in lists, in reports, gone with the person."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from everprint.contract.job_life import JobState
from everprint.contract.messages import JobFinished, JobReceived
from everprint.server.directory.people import DirectoryAnswer, DirectoryPerson
from tests.server.api.program import Program, program
from tests.server.pages.signed_in import SignedIn, administrator
from tests.server.world import NOON, PrintServer, pages

pytestmark = pytest.mark.usefixtures("database")

DAY = f"first_day={NOON:%Y-%m-%d}&last_day={NOON:%Y-%m-%d}"


def work_places() -> dict[str, tuple[str, str]]:
    """Everybody's department and office."""
    from everprint.server.people.models import User
    from everprint.server.people.workplaces import name_of

    people = User.objects.select_related("department", "office").exclude(name__in=("admin", "program"))
    return {user.name: (name_of(user.department), name_of(user.office)) for user in people}


@pytest.fixture
def admin() -> Program:
    return program()


def test_programs_set_them_filter_by_them_and_sort_by_them(admin: Program) -> None:
    zoe = admin.done("POST", "/users", {"name": "zoe", "department": "Physics", "office": "Building 4"})
    assert (zoe["department"], zoe["office"]) == ("Physics", "Building 4")
    adam = admin.done("POST", "/users", {"name": "adam", "department": "physics "})
    assert adam["department"] == "Physics", "one spelling"
    admin.done("POST", "/users", {"name": "bob", "department": "Art"})
    found = {row["name"]: row for row in admin.get("/departments")}
    assert {name: row["users"] for name, row in found.items()} == {"Art": 1, "Physics": 2}
    listed = admin.get(f"/users?department={found['Physics']['id']}&sort=-name")["items"]
    assert [user["name"] for user in listed] == ["zoe", "adam"]
    assert [office["name"] for office in admin.get("/offices")] == ["Building 4"]
    by_department = admin.get("/users?sort=department")["items"]
    assert [user["department"] for user in by_department][:3] == ["Art", "Physics", "Physics"]
    changed = admin.done("PATCH", f"/users/{zoe['id']}", {"department": ""})
    assert (changed["department"], changed["office"]) == ("", "Building 4")
    admin.done("PATCH", f"/users/{adam['id']}", {"department": "Art"})
    assert [row["name"] for row in admin.get("/departments")] == ["Art"], "where nobody is any more is not offered"


def test_administrators_set_them_on_the_page_and_the_list_is_filtered_by_them() -> None:
    from everprint.server.people.models import Department, User
    from everprint.server.people.users import create_user

    admin, zoe = administrator(), create_user("zoe")
    create_user("adam", department="Art")
    admin.fill(f"/users/{zoe.pk}/edit", department="Physics", office="Building 4")
    assert "Building 4" in admin.see(f"/users/{zoe.pk}")
    admin.fill("/users/new", name="bob", department="Physics")
    physics = Department.objects.get(name="Physics")
    shown = admin.see(f"/users?department={physics.pk}")
    assert ("zoe" in shown, "bob" in shown, "adam" in shown) == (True, True, False)
    table = admin.download(f"/users/csv?department={physics.pk}&sort=-department").splitlines()
    assert len(table) == 3
    assert table[2].endswith("Physics,Building 4")
    assert User.objects.get(name="bob").department == physics


def test_a_table_sets_them_and_the_same_table_again_changes_nothing() -> None:
    from everprint.server.people.csv_table import BadCsv
    from everprint.server.people.user_import import import_users, plan_import

    table = b"name,department,office\nzoe,Physics,Building 4\nadam,physics,\n"
    import_users(table)
    assert work_places() == {"zoe": ("Physics", "Building 4"), "adam": ("Physics", "")}
    assert plan_import(table).changes == ()
    import_users(b"name,department\nzoe,\nadam,Art\n")
    assert work_places() == {"zoe": ("Physics", "Building 4"), "adam": ("Art", "")}
    with pytest.raises(BadCsv, match="office has more than 128 characters"):
        plan_import(b"name,office\nzoe," + b"x" * 129)


def test_the_directory_sets_them_and_what_it_does_not_say_stays() -> None:
    from everprint.server.directory.sync import add_person, plan_sync, sync

    def both(department: str, office: str) -> DirectoryAnswer:
        alice = DirectoryPerson("1", "alice", department=department, office=office)
        return DirectoryAnswer((alice, DirectoryPerson("2", "bob", department="Art")))

    sync(both("Physics", "Building  4"), 100)
    assert work_places() == {"alice": ("Physics", "Building 4"), "bob": ("Art", "")}
    assert plan_sync(both("PHYSICS", "building 4")).changes == (), "other letters are no change"
    (change,) = plan_sync(both("Chemistry", "")).changes
    assert (change.before, change.after) == ({"department": "Physics"}, {"department": "Chemistry"})
    sync(both("Chemistry", ""), 100)
    assert work_places()["alice"] == ("Chemistry", "Building 4")
    add_person(DirectoryPerson("3", "carol", department="chemistry"))
    assert work_places()["carol"] == ("Chemistry", "")


def test_merging_fills_what_was_empty_and_redaction_takes_them_away() -> None:
    from everprint.server.people.merging import merge_users
    from everprint.server.people.redaction import redact_user
    from everprint.server.people.users import create_user

    old = create_user("a.adams", department="Physics", office="Building 4")
    kept = create_user("alice", department="Art")
    merge_users(old.pk, kept.pk)
    assert work_places() == {"alice": ("Art", "Building 4"), f"merged-{old.pk}": ("", "")}
    redact_user(kept.pk)
    assert work_places()[f"redacted-{kept.pk}"] == ("", "")


def test_commands_set_and_list_them() -> None:
    from everprint.cli.server import server

    run = CliRunner()
    run.invoke(server, ["user", "add", "alice", "--no-password", "--department", "Physics"], catch_exceptions=False)
    done = run.invoke(server, ["user", "set-workplace", "alice", "--office", "Building 4"], catch_exceptions=False)
    assert done.output == "alice is in Physics, Building 4 now.\n"
    assert "Physics" in run.invoke(server, ["user", "list"]).output
    assert run.invoke(server, ["user", "set-workplace", "alice"]).exit_code == 2


def test_reports_are_by_department_and_follow_who_moves() -> None:
    from everprint.server.people.changes import change_user
    from everprint.server.reports.roll_up import roll_up

    server = PrintServer(credit="10.00")
    job = server.job()
    server.ask(job, pages(grey=3))
    server.report(job, JobReceived(job=job), JobFinished(state=JobState.COMPLETED, output=pages(3)))
    admin = program()
    for department in ("Physics", "Art"):
        change_user(server.user.pk, {"department": department}, None)
        roll_up()
        report = admin.get(f"/reports/departments?{DAY}")
        assert [(row[0], row[2]) for row in report["rows"]] == [(department, 3)]
        assert report["total"][2] == 3
    change_user(server.user.pk, {"department": ""}, None)
    assert admin.get(f"/reports/departments?{DAY}")["rows"][0][0] == "(no department)"
    check_the_page(administrator(), server)


def check_the_page(person: SignedIn, server: PrintServer) -> None:
    """The report's page is filtered by an office, and so is one that is kept by a name."""
    from everprint.server.people.changes import change_user
    from everprint.server.people.users import create_user
    from everprint.server.reports.models import SavedReport

    user = change_user(server.user.pk, {"office": "Building 4"}, None)
    empty = create_user("idle", office="Building 5").office
    assert user.office is not None
    assert empty is not None
    address = f"/reports/environment-offices?{DAY}&office="
    assert "only office Building 4" in person.see(f"{address}{user.office.pk}")
    assert "Nothing to report" in person.see(f"{address}{empty.pk}")
    person.send(f"/reports/users/save?{DAY}&office={empty.pk}", name="Of Building 5")
    assert SavedReport.objects.get().asked["office"] == str(empty.pk)


def test_a_department_is_renamed_and_two_are_made_one_with_the_reports_that_ask_for_them(admin: Program) -> None:
    from everprint.server.audit_log.models import AuditEntry
    from everprint.server.people.models import Department

    for name, department in (("zoe", "Phisics"), ("adam", "Physics"), ("bob", "Art")):
        admin.done("POST", "/users", {"name": name, "department": department})
    ids = {row["name"]: row["id"] for row in admin.get("/departments")}
    wrong = f"/departments/{ids['Phisics']}"
    saved = {"name": "Of physics", "kind": "users", "period": "today", "department": ids["Phisics"]}
    kept = admin.done("POST", "/saved-reports", saved)["id"]
    assert admin.refused("PATCH", wrong, {"name": "PHYSICS"}) == (409, "workplace-exists")
    assert admin.refused("PATCH", wrong, {"name": " "}) == (422, "bad-workplace")
    seen = admin.ask("GET", wrong).headers["ETag"]
    renamed = admin.ask("PATCH", wrong, {"name": "Natural  sciences"}, If_Match=seen)
    assert renamed.body == {"id": ids["Phisics"], "name": "Natural sciences", "users": 1}
    assert admin.refused("PATCH", wrong, {"name": "X"}, If_Match=seen) == (412, "edited-meanwhile")
    assert admin.refused("POST", f"{wrong}/merge", {"into": ids["Phisics"]}) == (422, "bad-workplace")
    assert admin.refused("POST", f"{wrong}/merge", {"into": 10**9})[0] == 404
    assert admin.done("POST", f"{wrong}/merge", {"into": ids["Physics"]})["users"] == 2
    assert admin.refused("GET", wrong)[0] == 404
    assert work_places()["zoe"] == ("Physics", "")
    (asked,) = [report["asked"] for report in admin.get("/saved-reports") if report["id"] == kept]
    assert asked["department"] == str(ids["Physics"])
    acts = AuditEntry.objects.filter(action__startswith="department.").order_by("pk")
    assert [act.action for act in acts] == ["department.rename", "department.merge"]
    # A name that only an empty one has is free.
    admin.done("PATCH", f"/users/{admin.get('/users?text=bob')['items'][0]['id']}", {"department": ""})
    assert admin.done("PATCH", f"/departments/{ids['Physics']}", {"name": "art"})["name"] == "art"
    assert not Department.objects.filter(name="Art").exists()


def test_administrators_rename_and_merge_offices_on_their_page_and_operators_read_it() -> None:
    from everprint.server.access.permissions import Role
    from everprint.server.people.models import Office
    from everprint.server.people.users import create_user

    admin = administrator()
    for name, office in (("zoe", "Bulding 4"), ("adam", "Building 4"), ("bob", "Annex")):
        create_user(name, office=office)
    wrong, annex = Office.objects.get(name="Bulding 4"), Office.objects.get(name="Annex")
    assert "Bulding 4 1 Rename Merge" in admin.see("/offices")
    assert "already a office called" not in (said := admin.fill(f"/offices/{wrong.pk}", name="building 4"))
    assert "There is already an office called Building 4: merge the two." in said
    assert "There is no office called Nowhere" in admin.fill(f"/offices/{wrong.pk}/merge", into="Nowhere")
    assert "Everybody of Bulding 4 is in Building 4 now." in admin.fill(
        f"/offices/{wrong.pk}/merge", into="building 4"
    )
    assert "Annex is called East wing now" in admin.fill(f"/offices/{annex.pk}", name="East wing")
    assert work_places()["zoe"] == ("", "Building 4")
    oper = SignedIn(create_user("otto", role=Role.OPERATOR))
    assert "East wing 1 Rename" not in (shown := oper.see("/offices"))
    assert "East wing 1" in shown
    oper.see(f"/offices/{annex.pk}", 403)
