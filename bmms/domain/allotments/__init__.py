"""Allotment orders of MFBM: entered, released by somebody else, withdrawn by a further order."""
