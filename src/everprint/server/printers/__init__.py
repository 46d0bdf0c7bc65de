"""Queues that people print to, and what a side costs there."""
