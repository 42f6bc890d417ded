"""Reviews of a place on Google: read, answered, with what Google's moderation made of the answer."""
