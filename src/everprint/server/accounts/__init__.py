"""Money: accounts and the append-only double-entry ledger (docs/explanation/ledger.md)."""
