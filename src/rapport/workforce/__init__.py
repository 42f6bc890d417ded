"""How many agents, and when."""
