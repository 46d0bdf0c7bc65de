"""Brings a running cluster to another image, one VM at a time, and back."""
