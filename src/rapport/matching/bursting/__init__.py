"""Bursting: what is done when many more come than usual, by somebody or by itself, and what is seen of it."""
