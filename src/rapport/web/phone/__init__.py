"""The softphone: calls in the browser."""
