"""Help pages. Open to everybody: who cannot sign in needs help most."""

from flask import Response

from bmms.blueprints.help import bp
from bmms.domain.errors import NotFound
from bmms.domain.permissions import CENTRAL_ROLES, GRANTS, ROLES, RULES
from bmms.web.guard import PUBLIC, guard
from bmms.web.respond import page


@bp.get("/")
@guard(PUBLIC)
def help_index() -> Response:
    """First steps, and the list of roles."""
    return page(
        "help/help_index.html",
        roles=[RULES[code] for code in ROLES],
        grants=[RULES[code] for code in GRANTS],
        central=[RULES[code] for code in CENTRAL_ROLES],
    )


@bp.get("/cards")
@guard(PUBLIC)
def help_cards() -> Response:
    """Quick reference cards, to print and keep beside the screen."""
    return page("help/help_cards.html")


@bp.get("/roles/<string:role>")
@guard(PUBLIC)
def help_role(role: str) -> Response:
    """What one role is for, what it may do, and how its first acts go."""
    if role not in ROLES + CENTRAL_ROLES:
        raise NotFound
    return page("help/help_role.html", rule=RULES[role], carried=[RULES[code] for code in RULES[role].carries])
