"""Quality review: what is sampled, how a scorecard is scored, and how far reviewers agree."""
