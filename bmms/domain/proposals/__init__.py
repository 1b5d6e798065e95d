"""Budget proposals: what an organization asks for a fiscal year, and the way of that request to an appropriation."""
