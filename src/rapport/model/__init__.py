"""The words of the house as values: see docs/words.md."""
