"""Finds what will hurt before it does: in the topology alone, and by asking the hosts."""
