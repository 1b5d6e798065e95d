"""How views answer; the only reader of htmx headers (house 4.3)."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, session, url_for
from jinja2_fragments.flask import render_block

VARY = ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"]


def wants_fragment() -> bool:
    """Does htmx ask for a part of a page? Boosted links and history want the whole."""
    hx = request.htmx  # type: ignore[attr-defined]
    return bool(hx) and not hx.boosted and not hx.history_restore_request


def page(template: str, *, fragment: str = "", status: int = 200, quiet: bool = False, **context: Any) -> Response:
    """One view, two representations: the whole page, or the block that htmx will swap in.

    Args:
        fragment: the name of the block, which is also the id of the element that it renders.
        quiet: for polled views: no flashed message is taken, so a poll cannot steal one.
    """
    if fragment and wants_fragment():
        body = render_block(template, fragment, **context)
        if not quiet and "_flashes" in session:
            body += render_template("components/toasts_oob.html")
    else:
        body = render_template(template, **context)
    response = make_response(body, status)
    response.vary.update(VARY)
    if not fragment and wants_fragment():  # a page without a block for htmx takes the place of the whole page
        response.headers.update({"HX-Retarget": "body", "HX-Reswap": "innerHTML"})
    return response


def form_page(template: str, form: Any, *, fragment: str = "form", **context: Any) -> Response:
    """A page with a form: 422 when it carries errors."""
    return page(template, fragment=fragment, form=form, status=422 if form.errors else 200, **context)


def see_other(url: str, message: str = "") -> Response:
    """A new thing was made, or we are done here: go and see it."""
    if message:
        flash(message, "success")
    if wants_fragment():
        return make_response("", 204, {"HX-Redirect": url})
    return redirect(url, 303)  # type: ignore[return-value]


def after_change(show: Any, message: str, **values: Any) -> Response:
    """A step on a thing we are looking at: show it afresh, as a fragment or by redirect."""
    flash(message, "success")
    if wants_fragment():
        return show(**values)
    return redirect(url_for(f".{show.__name__}", **values), 303)  # type: ignore[return-value]


def refuse(message: str, status: int = 409) -> Response:
    """A rule said no outside a form: nothing is swapped and a toast explains, or a page does."""
    if wants_fragment():
        flash(message, "error")
        return make_response(render_template("components/toasts_oob.html"), status, {"HX-Reswap": "none"})
    return make_response(render_template(f"errors/{status}.html", message=message), status)
