"""Rate limits (decision D30): how often an account, address or person may ask. Lockout is in the database."""

import threading
import time

from flask import current_app
from limits import parse
from werkzeug.exceptions import TooManyRequests

from bmms.extensions import limiter

# The store in memory starts a thread that forgets; two requests at once may start the same one, and one of them breaks.
_turn = threading.Lock()


def count(rule: str, *who: object) -> None:
    """Count one request under a rule such as "5 per minute" and the identity it is counted by.

    Raises:
        TooManyRequests: with the seconds to wait; shown as page 429.
    """
    limit = parse(rule)
    key = tuple(str(part) for part in who)
    with _turn:
        is_within = limiter.limiter.hit(limit, *key)
    if not is_within:
        reset_at = limiter.limiter.get_window_stats(limit, *key)[0]
        raise TooManyRequests(retry_after=max(1, round(reset_at - time.time())))


def limit(name: str) -> str:
    """The rule that the settings give for this name, for example `imports`."""
    return getattr(current_app.extensions["installation"].config.limits, name)
