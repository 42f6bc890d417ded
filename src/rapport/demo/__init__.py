"""A centre full of life: simulated customers and agents."""
