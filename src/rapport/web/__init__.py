"""Pages, the API, the live stream and the chat widget."""
