"""How far a long run is, told to whoever watches it."""

from collections.abc import Callable

Watch = Callable[[int, int], None]  # (done, total), called as a long run goes on


def nobody_watches(done: int, total: int) -> None:
    """For runs whose progress nobody looks at."""
