"""Mastodon, and the servers that speak its API: mentions read by poll, answers in the thread, direct messages."""
