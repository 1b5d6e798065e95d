"""The opening position of an organization that starts in mid-year: from the paper ledger into the one ledger, once."""
