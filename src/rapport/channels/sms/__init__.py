"""Short messages by way of Kannel, the open SMS gateway: inbound by webhook, outbound over its sendsms interface."""
