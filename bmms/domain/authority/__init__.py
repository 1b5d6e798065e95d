"""What an organization may spend by which law: appropriations, their accounts, extensions of their validity."""
