"""Application-level monitoring that any part uses: checks, their results, logs and watchdogs."""
