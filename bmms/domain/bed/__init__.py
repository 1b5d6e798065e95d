"""Budget execution documents: the program of a year by month, proposed, approved, and held against the ledger."""
