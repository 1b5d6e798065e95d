"""The ledger: accounts, the one function that posts, registers, periods, series of numbers."""
