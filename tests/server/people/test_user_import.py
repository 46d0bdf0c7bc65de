"""Users and balances from a table: all of it or nothing, every bad line named, the dry run the same as the run."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.server.api.program import Program, program
from tests.server.world import audit_is_clean

pytestmark = pytest.mark.usefixtures("database")

GOOD = (
    "name,full_name,e-mail,role,groups,enabled,restricted,overdraft,balance\n"
    "Zoe,Zoe Zander,zoe@example.org,operator,Year 7|Choir,yes,yes,1.50,5.00\n"
    "adam,,,,,,,,\n"
).replace("e-mail", "email")


def facts(name: str) -> tuple[object, ...]:
    """What is stored of a user."""
    from everprint.server.people.models import User

    user = User.objects.get(name=name)
    groups = sorted(group.name for group in user.print_groups.all())
    account = user.account
    return (user.full_name, user.email, user.role, groups, user.is_active, account.overdraft, account.balance)


def bad_lines(data: bytes | str) -> dict[int, str]:
    """The problems that an import says, by line; checks that the dry run says the same and nothing was done."""
    from everprint.server.people.csv_table import BadCsv
    from everprint.server.people.models import Group, User
    from everprint.server.people.user_import import import_users, plan_import

    octets = data.encode() if isinstance(data, str) else data
    before = (User.objects.count(), Group.objects.count())
    with pytest.raises(BadCsv) as caught:
        import_users(octets)
    with pytest.raises(BadCsv) as planned:
        plan_import(octets)
    assert planned.value.problems == caught.value.problems
    assert (User.objects.count(), Group.objects.count()) == before
    return {problem.line: problem.message for problem in caught.value.problems}


def test_users_are_made_with_their_groups_and_balances() -> None:
    from everprint.server.people.user_import import import_users

    result = import_users(GOOD.encode())
    assert (result.made, len(result.changes), result.unchanged) == (2, 2, 0)
    groups = ["Choir", "Year 7"]
    assert facts("zoe") == (
        "Zoe Zander", "zoe@example.org", "operator", groups, True, Decimal("1.50"), Decimal("5.00"),
    )  # fmt: skip
    assert facts("adam") == ("", "", "user", [], True, Decimal(0), Decimal(0))
    audit_is_clean()


def test_importing_the_same_again_changes_nothing() -> None:
    from everprint.server.accounts.models import Transaction
    from everprint.server.people.user_import import import_users

    import_users(GOOD.encode())
    booked = Transaction.objects.count()
    result = import_users(GOOD.replace("Choir", "CHOIR").encode())
    assert (result.changes, result.unchanged) == ((), 2)
    assert Transaction.objects.count() == booked


def test_an_empty_field_and_a_missing_column_change_nothing() -> None:
    from everprint.server.people.user_import import import_users

    import_users(GOOD.encode())
    (change,) = import_users(b"name,full_name,balance\nzoe,,7.25\nadam,,0\n").changes
    assert (change.before, change.after) == ({"balance": Decimal("5.00")}, {"balance": Decimal("7.25")})
    assert facts("zoe")[:3] == ("Zoe Zander", "zoe@example.org", "operator")
    assert facts("zoe")[-1] == Decimal("7.25")


def test_a_balance_is_reached_by_an_adjustment_that_the_statement_shows() -> None:
    from everprint.server.accounts.statement import whole_statement
    from everprint.server.people.models import User
    from everprint.server.people.user_import import import_users

    import_users(b"name,balance\nzoe,5\n")
    import_users(b"name,balance\nzoe,3.5\n")
    lines = list(whole_statement(User.objects.get(name="zoe").account))
    assert [(line.amount, line.comment) for line in lines] == [
        (Decimal("-1.5"), "CSV import"),
        (Decimal("5"), "CSV import"),
    ]
    audit_is_clean()


def test_a_dry_run_says_what_the_run_does_and_does_nothing() -> None:
    from everprint.server.people.models import User
    from everprint.server.people.user_import import import_users, plan_import

    planned = plan_import(GOOD.encode())
    assert not User.objects.exists()
    assert import_users(GOOD.encode()) == planned


@pytest.mark.parametrize(
    "data",
    [
        b"name;full_name\nzoe;Zander, Zoe\n",
        b"name\tfull_name\nzoe\tZander, Zoe\n",
        b'Name , Full-Name\r\n"zoe","Zander, Zoe"\r\n\r\n',
        '\ufeffname,full_name\nzoe,"Zander, Zoe"\n'.encode(),
        "name;full_name\nzoe;Zander, Zoe\n".encode("utf-16"),
    ],
)
def test_what_spreadsheets_write_is_read(data: bytes) -> None:
    from everprint.server.people.user_import import import_users

    import_users(data)
    assert facts("zoe")[0] == "Zander, Zoe"


def test_every_bad_line_is_named_and_nothing_is_imported() -> None:
    table = (
        "name,email,role,enabled,overdraft,balance\n"
        "zoe,,,,,\n"
        "x ; y,,,,,\n"
        "adam,nobody,emperor,perhaps,-1,many\n"
        "ZOE,,,,,\n"
        "eve,too,few\n"
        "bob,bob@example.org,user,yes,0,1.00\n"
    )
    problems = bad_lines(table)
    assert set(problems) == {3, 4, 5, 6}
    for word in ("email", "role", "enabled", "overdraft", "balance"):
        assert word in problems[4]
    assert "line 2 already" in problems[5]
    assert "6 columns" in problems[6]


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"", 1, "empty"),
        (b"full_name\nZoe\n", 1, "name is missing"),
        (b"name,hat\nzoe,red\n", 1, "no column 'hat'"),
        (b"name,email,email\nzoe,,\n", 1, "twice"),
        ("name,full_name\nzoe,Zoë\n".encode("latin-1"), 2, "no UTF-8"),
        (b'name,full_name\nzoe,"Zo"e"\n', 2, "no CSV"),
        (b"name,full_name\nzoe,Z\x00oe\n", 2, "cannot be seen"),
        (b"name,full_name\nzoe," + b"x" * 1001 + b"\n", 2, "1000 characters"),
        (b"name\n" + b"".join(b"user-%d\n" % number for number in range(5002)), 5003, "at most 5000"),
    ],
)  # fmt: skip
def test_a_file_that_is_wrong_as_a_whole_says_so(data: bytes, line: int, says: str) -> None:
    problems = bad_lines(data)
    assert says in problems[line], problems


def test_a_name_that_somebody_had_before_is_nobody_elses() -> None:
    from everprint.server.people.renaming import rename_user
    from everprint.server.people.users import create_user

    rename_user(create_user("alice").pk, "alice.brown")
    assert bad_lines("name\nbob\nalice\n") == {3: "alice is what alice.brown was called before"}


def test_a_line_that_the_ledger_refuses_undoes_all_others() -> None:
    from everprint.server.people.csv_table import BadCsv
    from everprint.server.people.models import User
    from everprint.server.people.user_import import import_users

    with pytest.raises(BadCsv) as caught:
        import_users(b"name,restricted,balance\nzoe,yes,5\nadam,yes,-1\neve,yes,-2\n")
    assert [problem.line for problem in caught.value.problems] == [3, 4]
    assert not User.objects.exists()
    import_users(b"name,restricted,overdraft,balance\nadam,yes,2,-1\neve,no,,-2\n")
    audit_is_clean()


@given(st.binary(max_size=400) | st.text(alphabet='name,;\t"\r\nzoe-é1. ', max_size=200).map(str.encode))
def test_any_octets_are_a_table_or_named_problems(data: bytes) -> None:
    from everprint.server.people.csv_table import BadCsv
    from everprint.server.people.user_table import read_users

    try:
        for user in read_users(data):
            assert user.name
    except BadCsv as error:
        assert error.problems


def test_the_command_shows_the_changes_and_then_makes_them(tmp_path: Path) -> None:
    from everprint.cli.server import server
    from everprint.server.people.models import User

    table = tmp_path / "pupils.csv"
    table.write_text(GOOD)
    dry = CliRunner().invoke(server, ["user", "import", str(table), "--dry-run"])
    assert "new zoe: full_name Zoe Zander" in dry.output
    assert "2 would be made, 0 would be changed" in dry.output
    assert not User.objects.exists()
    run = CliRunner().invoke(server, ["user", "import", str(table)])
    assert "2 were made" in run.output
    table.write_text("name,balance\nzoe,6\n")
    assert "changed zoe: balance 5 -> 6" in CliRunner().invoke(server, ["user", "import", str(table)]).output
    table.write_text("name\nzoe\nzoe\n")
    wrong = CliRunner().invoke(server, ["user", "import", str(table)])
    assert wrong.exit_code == 1
    assert "line 3: zoe is on line 2 already" in wrong.output


def test_the_page_shows_the_changes_and_then_makes_them() -> None:
    from everprint.server.people.models import User

    browser = Client(SERVER_NAME="localhost")
    browser.force_login(program().user, "everprint.server.people.backend.UserBackend")
    page = browser.post("/users/import", {"table": GOOD, "show": ""}).content.decode()
    assert "Zoe Zander" in page
    assert not User.objects.filter(name="zoe").exists()
    wrong = browser.post("/users/import", {"table": "name\nzoe\nzoe\n", "import": ""}).content.decode()
    assert "Line 3: zoe is on line 2 already" in wrong
    assert browser.post("/users/import", {"table": GOOD, "import": ""}).status_code == HTTPStatus.FOUND
    assert facts("zoe")[0] == "Zoe Zander"


def test_the_api_does_the_same_and_the_audit_log_has_it() -> None:
    admin = program()
    asked = {"csv": GOOD, "dry_run": True}
    planned = admin.done("POST", "/users/import", asked)
    assert (planned["made"], planned["changes"][0]["after"]["balance"]) == (2, "5.00")
    assert admin.get("/users?text=zoe")["count"] == 0
    assert admin.done("POST", "/users/import", {**asked, "dry_run": False}) == planned
    actions = {entry["action"] for entry in admin.get("/audit-log?text=zoe")["items"]}
    assert {"user.make", "user.change", "account.adjust"} <= actions
    answer = admin.ask("POST", "/users/import", {"csv": "name\nx ; y\n", "dry_run": False})
    assert (answer.status, answer.body["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "bad-csv")
    assert answer.body["errors"][0]["where"] == "line 2"


def test_a_balance_needs_the_permission_to_adjust_and_a_role_that_to_give_it() -> None:
    from everprint.server.access.permissions import Permission
    from everprint.server.api.tokens import make_token

    admin = program()
    may = [Permission.VIEW_USERS, Permission.MANAGE_USERS]
    clerk = Program(admin.user, make_token(admin.user, "clerk", may).text)
    asked = {"csv": "name,balance\nzoe,5\n", "dry_run": False}
    answer = clerk.ask("POST", "/users/import", asked)
    assert (answer.body["code"], "adjust-accounts" in answer.body["errors"][0]["message"]) == ("bad-csv", True)
    role = {"csv": "name,role\nzoe,operator\n", "dry_run": False}
    assert clerk.refused("POST", "/users/import", role)[1] == "bad-csv"
    assert clerk.get("/users?text=zoe")["count"] == 0
    clerk.done("POST", "/users/import", {"csv": "name,groups\nzoe,Year 7\n", "dry_run": False})
