"""Days on which reports of execution are due, and what was submitted for them (BAA No. 84 Sec. 61-65)."""
