"""Obligation requests: requested (Box A), certified and thereby posted (Box B), adjusted, due, closed."""
