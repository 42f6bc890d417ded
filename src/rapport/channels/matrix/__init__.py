"""Matrix: rooms on any homeserver, by its client-server API."""
