"""The supervisor's console: who does what now, what waits and why, and what is said to an agent alone."""
