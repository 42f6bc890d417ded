"""The centre: its pieces and their forms, agents, teams, access, channels, matching, training, the record, the first run."""
