"""Who may release whose held jobs, and where."""
