"""What keeps BMMS from starting."""


class LaunchError(RuntimeError):
    """Told to the person at the keyboard as it stands: it names the thing and the remedy. Never a traceback."""
