"""Learnt rules: what goes before that which agents confirm of people; proposed with counts, switched on by somebody."""
