"""Months that close: nothing is dated in them any more, and their figures stay what they are (E-13, INV-38)."""
