"""Statements of budget execution: pure reads of the ledger, as of any day (modules 2.9, 2.11)."""
