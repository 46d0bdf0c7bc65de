"""What clients may subscribe to, how, and for how long; what queues say of it in their attributes."""

# RFC 3995 section 5.3.3.4.
JOB_EVENTS = ("job-state-changed", "job-created", "job-completed", "job-config-changed")
PRINTER_EVENTS = ("printer-state-changed", "printer-stopped", "printer-config-changed")
DEFAULT_EVENT = "job-completed"
PULL_METHOD = "ippget"

# Seconds.
DEFAULT_LEASE_S = 3_600
MOST_LEASE_S = 86_400
# How long an event waits to be fetched (RFC 3996 section 8.1).
EVENT_LIFE_S = 300
# How many events may wait in one subscription.
MOST_EVENTS = 100
# Octets of notify-user-data (RFC 3995 section 5.3.4).
MOST_USER_DATA = 63
