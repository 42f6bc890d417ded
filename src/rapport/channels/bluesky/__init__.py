"""Bluesky, and the servers that speak its protocol: mentions, answers, quotes and direct messages, over plain XRPC."""
