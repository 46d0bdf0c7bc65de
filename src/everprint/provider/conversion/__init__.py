"""What of a job is done here because its device cannot: one plan, for delivery and for what clients are offered."""
