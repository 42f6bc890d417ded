"""Vimeo: comments under an account's videos, and answers to them."""
