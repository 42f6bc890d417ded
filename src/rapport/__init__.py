"""A social contact centre: hear, understand, know, match, reply, prove, measure."""

__version__ = "0.1.0"
