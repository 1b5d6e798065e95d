"""Disbursement vouchers: prepared by one, submitted, paid by another; voided by two."""
