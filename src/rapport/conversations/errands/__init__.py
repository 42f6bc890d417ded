"""Errands to other systems: asked for here, made by a loop, and what they answered."""
