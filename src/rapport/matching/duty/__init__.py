"""Duty: who works when, whether it is allowed, and how it changes hands."""
