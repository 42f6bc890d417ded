"""The desk: inbox, offer, conversation, composer and approvals, and all that is done there."""
