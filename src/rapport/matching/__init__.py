"""Whoever in the enterprise can help best, and why."""
