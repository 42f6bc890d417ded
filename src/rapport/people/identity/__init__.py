"""Identity: whether two are one, from what both are known by; pure."""
