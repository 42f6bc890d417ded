"""The centre as files: read, compare, apply, export."""
