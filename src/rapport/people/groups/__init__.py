"""Companies and households: who belongs to which, as the record says it, and which company an address speaks of."""
