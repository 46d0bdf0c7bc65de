"""What printing costs the environment: by numbers that the installation sets, with the formula beside them."""

from __future__ import annotations

from decimal import Decimal

import pytest

pytestmark = pytest.mark.usefixtures("database")


def test_the_figures_follow_from_the_sheets() -> None:
    from everprint.server.reports.usage import Footprint, Usage

    usage = Usage(jobs=2, impressions=2_000, sheets=1_000)
    footprint = Footprint()
    assert usage.paper_kg == Decimal("4.99")
    assert footprint.co2_kg(usage) == Decimal("6.68")  # 4.99 kg x 1.339
    assert footprint.trees(usage) == Decimal("0.120")
    assert Footprint(co2_g_a_kg=500, sheets_a_tree=100).co2_kg(usage) == Decimal("2.50")  # 2.495, half to even
    assert Footprint(sheets_a_tree=100).trees(usage) == Decimal("10.000")


def test_a_report_uses_what_is_set_and_says_so() -> None:
    from everprint.server.installation.settings import change_settings
    from everprint.server.reports.asked import AskedReport
    from everprint.server.reports.table import make_table

    asked = AskedReport("environment-users")
    assert any("1,339 g a kilogram" in note for note in make_table(asked).notes)
    change_settings({"paper_co2_g_a_kg": 700, "sheets_a_tree": 0})
    table = make_table(asked)
    assert any("700 g a kilogram" in note for note in table.notes)
    assert not any("Trees" in note for note in table.notes)
    assert table.total is not None
    shown = dict(zip((column.key for column in table.columns), table.total, strict=True))
    assert shown["co2"] == 0
    assert shown["trees"] is None
