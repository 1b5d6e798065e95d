"""The key of a button or form: made with the page and sent along, so that five presses on a slow line act once."""

import secrets


def fresh_key() -> str:
    """A new one."""
    return secrets.token_urlsafe(16)
