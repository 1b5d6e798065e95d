"""Alerts: what is the matter, who knows of it, and from when on one is alerted (AL-1 to AL-9)."""

from itertools import groupby

from flask import Response, g, request, url_for

from bmms.blueprints.execution import bp
from bmms.blueprints.execution.forms_alerts import AcknowledgeForm, LimitsForm
from bmms.domain.alerts import actions, checking, kinds, limits, queries
from bmms.domain.permissions import Permission
from bmms.extensions import db
from bmms.models.alerts import AlertKind, Severity
from bmms.web.guard import guard
from bmms.web.paging import paginate
from bmms.web.respond import form_page, page, see_other


@bp.get("/alerts")
@guard(Permission.LEDGER_VIEW)
def alert_list() -> Response:
    """The alerts, open ones first; `?kind=`, `?severity=`, `?state=`."""
    asked = {name: request.args.get(name, "") for name in ("kind", "severity", "state")}
    state = asked["state"] if asked["state"] in queries.STATES else queries.OPEN
    found = paginate(
        queries.list_alerts(
            kind=AlertKind(asked["kind"]) if asked["kind"] in set(AlertKind) else None,
            severity=Severity(asked["severity"]) if asked["severity"] in set(Severity) else None,
            state=state,
        )
    )
    return page(
        "execution/alert_list.html", fragment="results", alerts=found, rows=queries.shown(db.session(), found.items),
        kinds=kinds.KINDS, severities=kinds.SEVERITY, states=queries.STATES, asked=asked, state=state,
        may_check=g.actor.may(Permission.LEDGER_EDIT), may_set=g.actor.may(Permission.SETTINGS_CHANGE),
    )  # fmt: skip


@bp.get("/alerts/<int:alert_id>")
@guard(Permission.LEDGER_VIEW)
def alert_show(alert_id: int) -> Response:
    """One alert: what it says, since when, and who knows of it."""
    session = db.session()
    (shown,) = queries.shown(session, [queries.get_alert(session, alert_id)])
    alert = shown.alert
    return page(
        "execution/alert_show.html", shown=shown, alert=alert, kind=kinds.KINDS[alert.kind],
        pill=kinds.SEVERITY[alert.severity],
        may_acknowledge=alert.is_open and not alert.is_acknowledged and kinds.concerns(g.actor, alert.kind),
    )  # fmt: skip


@bp.route("/alerts/<int:alert_id>/acknowledge", methods=["GET", "POST"])
@guard(Permission.LEDGER_VIEW)
def alert_acknowledge(alert_id: int) -> Response:
    """Say what is done about an alert."""
    session = db.session()
    alert = queries.get_alert(session, alert_id)
    form = AcknowledgeForm(row_version=alert.row_version)
    if form.acts(
        lambda: actions.acknowledge(session, g.actor, alert, form.note.data or "", row_version=form.row_version.data)
    ):
        return see_other(url_for(".alert_show", alert_id=alert_id), "The alert is acknowledged.")
    if not form.is_submitted():
        actions.require_may_acknowledge(g.actor, alert)
    (shown,) = queries.shown(session, [alert])
    return form_page(
        "execution/alert_acknowledge.html", form, shown=shown, alert=alert, kind=kinds.KINDS[alert.kind],
        pill=kinds.SEVERITY[alert.severity],
    )  # fmt: skip


@bp.post("/alerts/check")
@guard(Permission.LEDGER_EDIT)
def alert_check() -> Response:
    """Have them checked now; the worker does it."""
    checking.ask(db.session(), g.actor)
    return see_other(url_for(".alert_list"), "The alerts are being checked. Reload this page in a moment.")


@bp.route("/alerts/limits", methods=["GET", "POST"])
@guard(Permission.SETTINGS_CHANGE)
def alert_limits() -> Response:
    """From when on one is alerted."""
    session = db.session()
    row = limits.stored(session)
    form = LimitsForm(data={**limits.limits_of(session), "row_version": row.row_version if row else 0})
    if form.acts(
        lambda: actions.change_limits(
            session, g.actor, {name: form[name].data for name in limits.LIMITS}, row_version=form.row_version.data or 0
        )
    ):
        return see_other(url_for(".alert_list"), "Saved. The figures count from the next check on.")
    groups = [
        (kinds.KINDS[kind].label, [form[name] for name in names])
        for kind, names in groupby(limits.LIMITS, key=lambda name: limits.LIMITS[name].kind)
    ]
    return form_page(
        "execution/alert_limits.html",
        form,
        groups=groups,
        defaults={name: limits.default_of(name) for name in limits.LIMITS},
    )
