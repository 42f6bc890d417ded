"""Rehearsals: a file that says what must happen, run on the real pipeline with a fake clock."""
