"""Rules: what is done by itself when something happens to a conversation; tried on what was before it is switched on."""
