"""Knowledge: what the house knows, found for whoever needs it, and whether it helped."""
