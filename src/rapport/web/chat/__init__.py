"""The chat on other people's pages, its visitors, and the public help."""
