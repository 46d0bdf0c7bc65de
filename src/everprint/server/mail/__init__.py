"""Mail: an outbox in the database, and sending what is in it."""
