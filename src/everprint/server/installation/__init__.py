"""Settings of the whole installation that are changed while it runs: in the database, the same for every server."""
