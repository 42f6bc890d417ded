"""Knowledge: articles read, written and published, what is missing, and their videos."""
