"""Print Providers: their enrolment and credentials, their orders, and the contract's endpoints."""
