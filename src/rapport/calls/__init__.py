"""Telephone calls: who is in one, what is asked of the telephone server for it, and what was settled about it."""
