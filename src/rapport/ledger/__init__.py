"""The ledger: facts appended once and never changed, the tree over them, and the views folded from them."""
