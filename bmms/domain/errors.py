"""How a rule says no. `web/errors.py` and the command line each have one place that answers these."""


class DomainError(Exception):
    """The root of what rules raise."""


class RuleBroken(DomainError):
    """A rule refuses. The text says what is wrong and what to do; `field` names the form field it belongs to."""

    def __init__(self, message: str, *, field: str = "", **fields: str) -> None:
        super().__init__(message)
        self.field = field
        self.fields = {field: message, **fields} if field else dict(fields)


class Stale(RuleBroken):
    """Somebody else changed the row meanwhile (law 3). A form says so, and keeps what was typed."""


class NotFound(DomainError):
    """There is no such row, or it belongs to another organization: nobody learns which."""


class NotAllowed(DomainError):
    """The row may be seen, but this act needs a permission that the person does not hold."""
