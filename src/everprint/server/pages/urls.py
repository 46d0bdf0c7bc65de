"""Where the pages are."""

from __future__ import annotations

from django.urls import path

from everprint.server.pages.views import (
    dashboard,
    groups,
    installation,
    job,
    jobs,
    me,
    printers,
    providers,
    session,
    users,
)

app_name = "pages"

urlpatterns = [
    path("", session.home, name="home"),
    path("sign-in", session.sign_in_page, name="sign-in"),
    path("sign-out", session.sign_out, name="sign-out"),
    path("dashboard", dashboard.dashboard, name="dashboard"),
    path("jobs", jobs.jobs, name="jobs"),
    path("jobs/csv", jobs.jobs_csv, name="jobs-csv"),
    path("jobs/<int:number>", job.job_page, name="job"),
    path("jobs/<int:number>/pages/<int:page>", job.job_preview, name="job-preview"),
    path("jobs/<int:number>/<slug:verb>", job.job_action, name="job-action"),
    path("me", me.me, name="me"),
    path("me/jobs", me.my_jobs, name="my-jobs"),
    path("me/jobs/csv", me.my_jobs_csv, name="my-jobs-csv"),
    path("me/statement", me.my_statement, name="my-statement"),
    path("me/statement/csv", me.my_statement_csv, name="my-statement-csv"),
    path("me/password", me.my_password, name="my-password"),
    path("users", users.users, name="users"),
    path("users/csv", users.users_csv, name="users-csv"),
    path("users/new", users.user_new, name="user-new"),
    path("users/<int:user_id>", users.user_page, name="user"),
    path("users/<int:user_id>/edit", users.user_edit, name="user-edit"),
    path("users/<int:user_id>/password", users.user_password, name="user-password"),
    path("users/<int:user_id>/adjust", users.user_adjust, name="user-adjust"),
    path("users/<int:user_id>/statement", users.user_statement, name="user-statement"),
    path("users/<int:user_id>/statement/csv", users.user_statement_csv, name="user-statement-csv"),
    path("groups", groups.groups, name="groups"),
    path("groups/new", groups.group_new, name="group-new"),
    path("groups/<int:group_id>", groups.group_page, name="group"),
    path("groups/<int:group_id>/add", groups.member_add, name="member-add"),
    path("groups/<int:group_id>/remove", groups.group_remove, name="group-remove"),
    path("groups/<int:group_id>/remove/<int:user_id>", groups.member_remove, name="member-remove"),
    path("printers", printers.printers, name="printers"),
    path("printers/new", printers.printer_new, name="printer-new"),
    path("printers/<int:printer_id>", printers.printer_page, name="printer"),
    path("printers/<int:printer_id>/edit", printers.printer_edit, name="printer-edit"),
    path("printers/<int:printer_id>/costs", printers.printer_costs, name="printer-costs"),
    path("printers/<int:printer_id>/remove", printers.printer_remove, name="printer-remove"),
    path("settings", installation.settings, name="settings"),
    path("purses/new", installation.purse_new, name="purse-new"),
    path("purses/<int:purse_id>/edit", installation.purse_edit, name="purse-edit"),
    path("providers", providers.providers, name="providers"),
    path("providers/code", providers.enrolment_code, name="enrolment-code"),
    path("providers/<uuid:provider_id>", providers.provider_page, name="provider"),
    path("providers/<uuid:provider_id>/revoke", providers.provider_revoke, name="provider-revoke"),
]
