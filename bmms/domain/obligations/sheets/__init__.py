"""A log of requests as a workbook, a text or pasted cells: checked, and taken in as drafts, all of it or nothing."""
