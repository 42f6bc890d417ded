"""Playbooks under way in conversations: what is done, what is open, what was left out."""
