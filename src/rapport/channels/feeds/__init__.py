"""Feeds: what blogs, forums and news sites publish as RSS or Atom. They are read; they cannot be answered."""
