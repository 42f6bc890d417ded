"""Composition root: the only place that constructs; settings in, a running centre out."""
