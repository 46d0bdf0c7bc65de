"""Queues that CUPS owns: a backend of ours stands before the printer's own, and nothing prints unpaid or twice.

Reading order: backend (the program that cupsd starts), submission (what it says), channel (how it says it), sessions
(who of them is there), hook (from its word to a job), delivery (when it may print, and how that ended), outcome (what
an exit code means), cupsd (what we ask of CUPS), reconcile (what CUPS does not tell us), adopt (putting it in place).
"""
