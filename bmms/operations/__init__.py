"""What brings an installation back after an accident: backup and restore.

Only commands call it, with the owner's login, which the web server and the worker never have (D28).
"""
