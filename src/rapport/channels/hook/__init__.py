"""Any network or system of the house as a channel: Standard Webhooks in and out, plain or as CloudEvents."""
