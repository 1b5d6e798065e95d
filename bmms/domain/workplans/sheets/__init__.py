"""Work plans as workbooks: exported, edited in a spreadsheet, checked and imported again."""
