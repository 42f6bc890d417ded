"""Polls: one question to everybody; one vote for each browser; shares with their intervals."""
