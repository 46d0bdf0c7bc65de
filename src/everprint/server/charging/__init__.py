"""Whom a job is charged to: shared accounts on two levels, and how the account is selected."""
