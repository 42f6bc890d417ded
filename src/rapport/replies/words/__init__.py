"""Short lists of words that the checks look for, as data in both languages; honest, not complete."""
