"""VM clusters: Everprint on machines that may fail."""
