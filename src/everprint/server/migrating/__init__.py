"""Bringing a database to this release while servers of the release before go on serving on it."""
