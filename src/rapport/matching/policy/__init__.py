"""When a need and an agent are put together, and when both wait for better: pure numbers, source docs/simulator.md."""
