"""YouTube: comments under a channel's videos, answers to them, moderation."""
