"""The register of payees: whom the organization owes and pays."""
