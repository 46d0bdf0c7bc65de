"""Rules: what becomes of jobs of some kind, everywhere or on some printers."""
