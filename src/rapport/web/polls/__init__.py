"""Polls: made by the house, voted on by anybody, once each."""
