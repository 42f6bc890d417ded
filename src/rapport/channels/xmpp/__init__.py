"""XMPP (Jabber): one account, its archive as the truth, its stream as the hint. Needs the extra `xmpp`."""
