"""The contract's endpoints (docs/reference/contract.md), as one ASGI application beside Django's.

It takes no cookies and knows no sessions: a request is a provider's by its credential, or it is refused. It does not
pass Django's request machinery, because it lies in every job's path. Reading order: routes, application, call,
endpoints, long_poll.
"""
