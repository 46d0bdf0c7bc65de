"""Credit that is given again and again: group quotas, initial credit, budgets of shared accounts."""
