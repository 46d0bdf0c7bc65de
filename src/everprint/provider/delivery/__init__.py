"""From an authorised job to one that is settled: the device gets it once, and what came out is what is paid.

Reading order: device (what we say to a printer), line (whose turn it is), settlement (what came out), endings,
following, in_doubt (what a crash or a broken connection left open), then delivery, the way through all of them.
"""
