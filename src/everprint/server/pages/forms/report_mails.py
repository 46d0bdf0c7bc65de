"""The form by which a saved report is mailed by the calendar."""

from __future__ import annotations

from django import forms

from everprint.server.pages.forms.edit import ProblemForm
from everprint.server.people.models import User
from everprint.server.reports.asked import BadReport
from everprint.server.reports.mail_plan import Every
from everprint.server.reports.mailed import MOST_RECIPIENTS, Form, MailTerms, schedule_report
from everprint.server.reports.models import ReportMail, SavedReport

EVERY = [
    (Every.DAY.value, "Every day"),
    (Every.WEEK.value, "Every Monday"),
    (Every.MONTH.value, "On the first of the month"),
]


class ReportMailForm(ProblemForm):
    """How often, when, what and to whom."""

    every = forms.ChoiceField(label="How often", choices=EVERY)
    hour = forms.IntegerField(label="From which hour on", min_value=0, max_value=23, initial=6)
    form = forms.ChoiceField(label="Attached as", choices=[(Form.PDF.value, "PDF"), (Form.CSV.value, "CSV")])
    recipients = forms.CharField(
        label="To",
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"Up to {MOST_RECIPIENTS} mail addresses, with spaces or commas between.",
    )

    def save(self, saved: SavedReport, actor: User) -> ReportMail | None:
        """Schedules it; None, with an error on the form, if it cannot be."""
        said = self.cleaned_data
        recipients = said["recipients"].replace(",", " ").replace(";", " ").split()
        terms = MailTerms(Every(said["every"]), said["hour"], Form(said["form"]), recipients)
        try:
            return schedule_report(saved, terms, actor)
        except BadReport as error:
            self.add_error("recipients", f"{error}.")
            return None
