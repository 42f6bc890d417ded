"""How often may be voted: a browser is told from another by a mark that it keeps, and many browsers by their address."""

from datetime import timedelta

NEW_VOTERS = (30, timedelta(hours=1))  # marks given to one address for one poll: a household or a small office, not a crowd
VOTES = (10, timedelta(hours=1))  # times that one voter may vote anew
