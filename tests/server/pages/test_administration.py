"""What administrators do on pages: users and their money, printers and their costs, providers, groups."""

from __future__ import annotations

from decimal import Decimal

from playwright.sync_api import expect

from tests.server.pages.site import PASSWORD, Site, names_in, sign_in


def test_a_new_user_can_sign_in_and_has_the_credit(site: Site) -> None:
    page = site.tab("admin")
    page.goto("/users")
    page.get_by_role("link", name="New user").click()
    page.get_by_label("User name").fill("Nora.Quist")
    page.get_by_label("Full name").fill("Nora Quist")
    page.get_by_label("Password (optional)").fill("battery staple")
    page.get_by_label("Password again").fill("battery staple")
    page.get_by_label("Year 12").check()
    page.get_by_label("Credit to begin with").fill("7,50")
    page.get_by_role("button", name="Create user").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("nora.quist")
    expect(page.locator(".figure").filter(has_text="Balance")).to_contain_text("€7.50")
    expect(page.locator(".facts")).to_contain_text("Year 12")

    hers = site.tab()
    sign_in(hers, "nora.quist", "battery staple")
    expect(hers.locator(".figure").filter(has_text="Balance")).to_contain_text("€7.50")


def test_a_form_says_what_is_wrong_at_its_field_and_keeps_what_was_written(site: Site) -> None:
    page = site.tab("admin")
    page.goto("/users/new")
    page.get_by_label("User name").fill("tom.okafor")
    page.get_by_label("Full name").fill("Another Tom")
    page.get_by_label("E-mail").fill("nonsense")
    page.get_by_label("Password (optional)").fill("battery staple")
    page.get_by_label("Password again").fill("something else")
    page.get_by_label("Credit to begin with").fill("1,234")
    page.get_by_role("button", name="Create user").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    for label in ("E-mail", "Password again", "Credit to begin with"):
        field = page.get_by_label(label)
        expect(field).to_have_attribute("aria-invalid", "true")
        said = page.locator("#" + (field.get_attribute("aria-describedby") or "").split()[-1])
        expect(said).to_be_visible()
    expect(page.get_by_label("Full name")).to_have_value("Another Tom")

    page.get_by_label("E-mail").fill("")
    page.get_by_label("Password (optional)").fill("battery staple")
    page.get_by_label("Password again").fill("battery staple")
    page.get_by_label("Credit to begin with").fill("1234.00")
    page.get_by_role("button", name="Create user").click()
    expect(page.get_by_text("there is already a user called tom.okafor").first).to_be_visible()


def test_credit_is_added_and_taken_with_a_comment_that_the_owner_reads(site: Site) -> None:
    from everprint.server.people.models import User

    tom = User.objects.get(name="tom.okafor")
    before = tom.account.balance
    page = site.tab("admin")
    page.goto(f"/users/{tom.pk}")
    page.get_by_role("link", name="Adjust balance").click()
    page.get_by_label("Amount").fill("5")
    page.get_by_label("Comment").fill("paid in cash")
    page.get_by_role("button", name="Adjust balance").click()
    expect(page.get_by_role("status").first).to_contain_text(f"now €{before + 5:.2f}")
    line = page.locator("tbody tr").first
    expect(line).to_contain_text("paid in cash")
    expect(line).to_contain_text("by Ada Admin")
    expect(line).to_contain_text("+€5.00")

    page.get_by_role("link", name="Adjust balance").click()
    page.get_by_label("Amount").fill("-1000")
    page.get_by_label("Comment").fill("too much")
    page.get_by_role("button", name="Adjust balance").click()
    expect(page.get_by_text(f"At most €{before + 5:.2f} can be taken").first).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("too much")

    his = site.tab("tom.okafor")
    expect(his.get_by_role("table").last).to_contain_text("paid in cash")


def test_a_form_sent_twice_books_once(site: Site) -> None:
    from everprint.server.people.models import User

    tom = User.objects.get(name="tom.okafor")
    before = tom.account.balance
    page = site.tab("admin")
    page.goto(f"/users/{tom.pk}/adjust")
    form = page.locator("form.card").evaluate("form => Object.fromEntries(new FormData(form))")
    said = {**form, "amount": "2.50", "comment": "once"}
    for _ in range(2):
        answer = page.request.post(f"/users/{tom.pk}/adjust", form=said, headers={"Origin": site.address})
        assert answer.ok
    tom.account.refresh_from_db()
    assert tom.account.balance == before + Decimal("2.50")


def test_the_second_of_two_editors_is_told_and_loses_nothing(site: Site) -> None:
    from everprint.server.people.models import User

    tom = User.objects.get(name="tom.okafor")
    first, second = site.tab("admin"), site.tab("admin")
    for page in (first, second):
        page.goto(f"/users/{tom.pk}/edit")
    first.get_by_label("Role").select_option("operator")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_role("status").first).to_contain_text("was saved")

    second.get_by_label("Full name").fill("Thomas Okafor")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("alert")).to_contain_text("Somebody else changed this")
    expect(second.get_by_text("Somebody else's value is: Operator").first).to_be_visible()
    expect(second.get_by_label("Full name")).to_have_value("Thomas Okafor")
    tom.refresh_from_db()
    assert (tom.role, tom.full_name) == ("operator", "Tom Okafor")

    second.get_by_label("Role").select_option("operator")
    second.get_by_role("button", name="Save").click()
    second.wait_for_url(f"**/users/{tom.pk}")
    tom.refresh_from_db()
    assert (tom.role, tom.full_name) == ("operator", "Thomas Okafor")


def test_the_only_administrator_cannot_step_down(site: Site) -> None:
    from everprint.server.people.models import User

    page = site.tab("admin")
    page.goto(f"/users/{User.objects.get(name='admin').pk}/edit")
    page.get_by_label("Role").select_option("user")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is the only administrator").first).to_be_visible()


def test_a_password_set_by_an_administrator_ends_the_users_sessions(site: Site) -> None:
    from everprint.server.people.models import User

    his = site.tab("tom.okafor")
    page = site.tab("admin")
    page.goto(f"/users/{User.objects.get(name='tom.okafor').pk}/password")
    page.get_by_label("New password", exact=True).fill("new horse battery")
    page.get_by_label("New password again").fill("new horse battery")
    # His page asks by itself: it may be told of the end of its session at once.
    with site.expecting("401"), site.expecting("htmx:"):
        page.get_by_role("button", name="Set password").click()
        expect(page.get_by_role("status").first).to_contain_text("was changed")
        his.wait_for_url("**/sign-in**")
    sign_in(his, "tom.okafor", "new horse battery")


def test_one_changes_ones_own_password_and_stays_signed_in(site: Site) -> None:
    page = site.tab("tom.okafor")
    page.get_by_role("link", name="Change password").click()
    page.get_by_label("Your password now").fill("wrong")
    page.get_by_label("New password", exact=True).fill("new horse battery")
    page.get_by_label("New password again").fill("new horse battery")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("This is not your password.").first).to_be_visible()
    page.get_by_label("Your password now").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("new horse battery")
    page.get_by_label("New password again").fill("new horse battery")
    page.get_by_role("button", name="Change password").click()
    page.wait_for_url("**/me")


def test_users_are_found_sorted_and_downloaded(site: Site) -> None:
    page = site.tab("oper")
    page.goto("/users")
    page.get_by_label("Role").select_option("user")
    page.get_by_label("Group").select_option(label="Year 12")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.locator("thead").get_by_role("link", name="Balance").click()
    page.wait_for_url("**sort=-balance")
    assert names_in(page) == ["tom.okafor", "pedro.alves", "sara.lind"]
    text = page.request.get("/users/csv?text=weber").text()
    assert "amelie.weber,Amelie Weber,amelie.weber@example.org,user,yes,Teachers" in text


def test_costs_are_edited_by_paper_and_apply_to_the_next_job(site: Site) -> None:
    from everprint.server.printers.costs import costs_of

    office = site.world.office
    page = site.tab("admin")
    page.goto(f"/printers/{office.pk}")
    page.get_by_role("link", name="Edit costs").click()
    page.get_by_label("Grey, one-sided, any other paper").fill("0.035")
    row = page.locator("tbody tr").last
    row.get_by_label("Another paper", exact=True).select_option(label="A5")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Write a price; 0 if it is free.").first).to_be_visible()
    for label, price in (("Grey, one", "0.02"), ("Grey, two", "0.01"), ("Colour, one", "0.1"), ("Colour, two", "0")):
        row.get_by_label(f"{label}-sided, another paper").fill(price)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/printers/{office.pk}")
    expect(page.get_by_role("row", name="Any other paper")).to_contain_text("€0.035")
    expect(page.get_by_role("row", name="A5")).to_contain_text("€0.10")

    page.get_by_role("link", name="Edit costs").click()
    page.get_by_label("Remove A3").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**/printers/{office.pk}")
    costs = costs_of(office)
    assert sorted(costs.by_media) == ["iso_a5_148x210mm"]
    assert costs.other.grey_one_sided == Decimal("0.035")


def test_costs_changed_meanwhile_are_not_overwritten(site: Site) -> None:
    from everprint.contract.pricing import SideCosts
    from everprint.server.printers.costs import change_costs, costs_of

    office = site.world.office
    page = site.tab("admin")
    page.goto(f"/printers/{office.pk}/costs")
    change_costs(office, "", SideCosts(*[Decimal("0.5")] * 4))
    page.get_by_label("Grey, one-sided, any other paper").fill("0.01")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else changed this")
    assert costs_of(office).other.grey_one_sided == Decimal("0.5")


def test_a_printer_is_added_and_its_provider_is_told(site: Site) -> None:
    from everprint.server.printers.models import Printer
    from everprint.server.providers.models import Provider

    orders = Provider.objects.get().orders_made
    page = site.tab("admin")
    page.goto("/printers")
    page.get_by_role("link", name="New printer").click()
    page.get_by_label("Name", exact=True).fill("Art room")
    page.get_by_label("Device URI").fill("file:///etc/passwd")
    page.get_by_label("Who prints is known by").select_option("requesting-user-name")
    page.get_by_role("button", name="Add printer").click()
    expect(page.get_by_text("Write letters, digits").first).to_be_visible()
    expect(page.get_by_text("expected ipp://..., ipps://..., socket://... or lpd://...").first).to_be_visible()
    expect(page.get_by_text("Name at least one network").first).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Art-Room")
    page.get_by_label("Device URI").fill("ipps://192.0.2.9/ipp/print")
    page.get_by_label("Trusted networks").fill("192.0.2.0/24\n2001:db8::/32")
    page.get_by_label("Hold every job").check()
    page.get_by_role("button", name="Add printer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Costs of Art-Room")
    printer = Printer.objects.get(name="Art-Room")
    assert (printer.trusted_networks, printer.hold) == (["192.0.2.0/24", "2001:db8::/32"], True)
    assert Provider.objects.get().orders_made == orders + 1

    page.goto(f"/printers/{printer.pk}/edit")
    page.get_by_label("Accept jobs").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("its Print Provider has been told")
    printer.refresh_from_db()
    assert not printer.accepting

    page.get_by_text("Remove this printer").click()
    page.get_by_role("button", name="Remove Art-Room").click()
    page.wait_for_url("**/printers")
    assert "Art-Room" not in names_in(page)


def test_an_enrolment_code_is_shown_once_and_enrols_a_provider_which_can_be_revoked(site: Site) -> None:
    from everprint.contract.messages import Enrol
    from everprint.server.providers.enrolment import enrol

    page = site.tab("admin")
    page.goto("/providers")
    page.get_by_role("button", name="Make an enrolment code").click()
    code = page.locator("#code").inner_text()
    expect(page.locator(".command")).to_contain_text(
        f"everprint provider enrol --server {site.address} --code {code}"
    )
    page.get_by_role("link", name="Back to the Print Providers").click()
    assert code not in page.content()
    enrol(Enrol(code=code, name="annexe", software_version="0.1.0"))
    row = page.get_by_role("row", name="annexe")
    expect(row).to_contain_text("Answering")

    row.get_by_role("link", name="annexe").click()
    page.get_by_text("Revoke its credential").click()
    page.get_by_role("button", name="Revoke annexe").click()
    expect(page.get_by_role("row", name="annexe")).to_contain_text("Revoked")


def test_groups_are_made_and_have_members(site: Site) -> None:
    page = site.tab("admin")
    page.goto("/groups/new")
    page.get_by_label("Name").fill("Choir")
    page.get_by_role("button", name="Make group").click()
    page.get_by_label("Add a user by name").fill("nobody")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("There is no user with that name.").first).to_be_visible()
    page.get_by_label("Add a user by name").fill("LI.WEI")
    page.get_by_role("button", name="Add", exact=True).click()
    assert names_in(page) == ["li.wei"]
    page.get_by_role("button", name="Remove li.wei from the group").click()
    expect(page.get_by_text("The group has no members.")).to_be_visible()
    page.get_by_role("button", name="Remove group").click()
    page.wait_for_url("**/groups")
    assert "Choir" not in names_in(page)
