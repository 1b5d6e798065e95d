"""The usual government forms of execution as papers: requests, notices, certificates, vouchers, orders."""
