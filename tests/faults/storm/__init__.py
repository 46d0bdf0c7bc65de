"""Storms: real parts under a seeded schedule of faults, and a checker that holds the outcome against the promise."""
