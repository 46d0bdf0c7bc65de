"""The one command, `everprint`, with a sub-command per part."""
