"""Documents made into what a device takes: raster (PWG, URF) or another PDF, with the options that it cannot do.

Runs in a worker process that may be killed at any moment (worker.py); what comes out is streamed (converter.py).
"""
