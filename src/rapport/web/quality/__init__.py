"""Quality review: samples, scorecards, agreement, and what agents see of it."""
