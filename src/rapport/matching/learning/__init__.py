"""What a pair is worth, learnt from what became of the pairs before: pure numbers, no ledger, store or clock."""
