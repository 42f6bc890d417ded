"""Assist: text suggested to an agent: replies, summaries, translations. It sends, decides and calls nothing."""
