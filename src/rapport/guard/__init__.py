"""Admit or hold: floods, brigades, spam."""
