"""Who may do what: permissions, what each role has, and the rule that a view without a declaration is refused."""
