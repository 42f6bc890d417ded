"""Numbers about service and handling."""
