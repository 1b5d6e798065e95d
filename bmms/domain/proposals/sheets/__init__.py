"""The lines of a proposal as a workbook: exported, edited in a spreadsheet or pasted, checked and imported again."""
