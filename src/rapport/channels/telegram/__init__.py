"""Telegram bots: messages read by offset or posted to us, answers, edits, reactions, files."""
