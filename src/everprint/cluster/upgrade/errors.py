"""Why an upgrade is not done, or not to its end."""


class CannotUpgrade(Exception):
    """Says what is not so, how far it came, and what to do."""
