"""The key of a button: made with the page, sent along, so that five presses on a slow line act once (INV-31)."""

import secrets


def fresh_key() -> str:
    """A new one."""
    return secrets.token_urlsafe(16)
