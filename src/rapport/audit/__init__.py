"""Proof that the record is whole."""
