"""How often may be voted: a browser is told from another by a mark that it keeps, and many browsers by their address."""

from datetime import timedelta

NEW_VOTERS = (30, timedelta(hours=1))  # marks given to one address for one poll: a household or a small office, not a crowd
ALL_VOTES = (3_000, timedelta(minutes=1))  # for one poll, from wherever: a hall full of people, not a program
VOTES = (10, timedelta(hours=1))  # times that one voter may vote anew
