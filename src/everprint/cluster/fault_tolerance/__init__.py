"""Fault tolerance: a secondary VM in lock-step with the primary takes over with no loss of state, by QEMU's COLO."""
