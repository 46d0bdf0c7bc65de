"""Who did what to this installation: each administrative act, by page, API or command, written once and kept."""
