"""People who log in: roles, sessions, tokens."""
