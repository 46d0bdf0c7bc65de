"""The database layer: PostgreSQL that fails over. Patroni decides, etcd remembers; we write their settings."""
