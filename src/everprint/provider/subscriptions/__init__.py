"""Subscriptions to what happens to queues and jobs, fetched by Get-Notifications (RFC 3995, RFC 3996 *ippget*).

They live in memory, and with it end at a restart: a client that gets *client-error-not-found* subscribes anew. What
must not be lost is in the journal. Reading order: happening, subscription, registry; the operations are in front.
"""
