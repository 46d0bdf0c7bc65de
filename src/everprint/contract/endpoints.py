"""Where the messages go: one path per request, below the Application Server's address."""

ENROL = "/contract/enrol"
AUTHORITY = "/contract/authority"
AUTHENTICATE = "/contract/authenticate"
AUTHORISE = "/contract/authorise"
EVENTS = "/contract/events"
ORDERS = "/contract/orders"
SNAPSHOT = "/contract/snapshot"
PREVIEWS = "/contract/previews"
SPENDABLE = "/contract/spendable"
CUPS_QUEUES = "/contract/cups-queues"
JOB_IDS = "/contract/job-ids"
FIND_JOB = "/contract/jobs/find"
LIST_JOBS = "/contract/jobs/list"
STEER_JOB = "/contract/jobs/steer"

# How long the server keeps an orders request open before it answers with no orders, seconds.
ORDERS_PATIENCE_S = 25.0
