"""The Print Provider of a secondary print server."""
