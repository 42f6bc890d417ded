"""Bots: agents that are programs, how they follow a flow, and when they hand over."""
