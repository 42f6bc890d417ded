"""Stories: the library, the digest of a week, and transcripts handed in."""
