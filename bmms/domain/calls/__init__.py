"""Budget calls: what MFBM asks for in a fiscal year, until when, and within which ceilings; and the budget calendar."""
