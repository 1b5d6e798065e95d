"""The workbook of an opening position: handed out with the accounts, filled in, checked, taken back whole."""
