"""Uploaded lists, whatever is listed: read from CSV and workbooks, kept between the steps of an import, handed back."""
