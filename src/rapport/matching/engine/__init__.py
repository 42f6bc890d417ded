"""The engine: arrays in, assignments out; exact, replayable to the bit, without ledger, clock or store."""
