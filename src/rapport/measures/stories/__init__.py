"""Stories: what conversations tell: how they began, what went wrong, what was tried, where they turned, and how they ended."""
