"""Who prints and who administers: users, print groups, roles, signing in."""
