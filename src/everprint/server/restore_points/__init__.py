"""Going back to an earlier moment, and proving beforehand that one could: backups by kept tools, restored aside."""
