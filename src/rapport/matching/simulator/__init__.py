"""A world of agents and needs in which policies are compared: public, seeded, its parameters in world.toml."""
