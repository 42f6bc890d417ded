"""A professional account on Instagram: comments and mentions in public, direct messages in private."""
