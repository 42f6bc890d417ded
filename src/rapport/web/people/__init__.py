"""People: what is known of somebody, who may be one, groups, their rights, and their own page."""
