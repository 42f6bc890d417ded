"""Telephone calls by an Asterisk of the house, through its REST interface (ARI) and its event socket."""
