"""Everprint: print management that stays up."""
