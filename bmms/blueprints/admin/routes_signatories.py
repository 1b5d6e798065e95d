"""Who signs which kind of document."""

from dataclasses import asdict

from flask import Response, g, request, url_for

from bmms.blueprints.admin import bp
from bmms.blueprints.admin.forms_organization import BlockForm
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.members import working_members
from bmms.domain.permissions import Permission
from bmms.domain.signatories import actions, queries
from bmms.domain.signatories.kinds import RULES, DocumentKind, kind_at
from bmms.extensions import db
from bmms.web.guard import guard
from bmms.web.respond import form_page, page, see_other

KINDS = ", ".join(f'"{kind.in_address}"' for kind in DocumentKind)


@bp.get("/signatories")
@guard(Permission.SETTINGS_VIEW)
def signatory_list() -> Response:
    """All kinds of documents, and who signs them."""
    return page("admin/signatory_list.html", blocks=queries.blocks(db.session()), rules=RULES)


@bp.route(f"/signatories/<any({KINDS}):kind>", methods=["GET", "POST"])
@guard(Permission.SIGNATORY_CHANGE)
def signatory_edit(kind: str) -> Response:
    """Who signs one kind of document. Buttons add, take out, and move lines up and down; nothing is saved by them."""
    chosen = kind_at(kind)
    if chosen is None:
        raise NotFound
    block, focus = queries.get_block(db.session(), chosen), ""
    form = BlockForm(data={"row_version": block.row_version, "lines": _asked(block)})
    if act := request.form.get("act", ""):
        form, focus = form.rearranged(act)
    form.offer(working_members(db.session()))
    if not act and form.validate_on_submit():
        try:
            version = form.row_version.data
            actions.change_block(db.session(), g.actor, chosen, _given(form), row_version=version)
            return see_other(url_for(".signatory_list"), f"Saved who signs: {RULES[chosen].label.lower()}.")
        except RuleBroken as broken:
            form.show(broken)
    gone = [line.name for line in block.lines if line.gone]
    return form_page("admin/signatory_edit.html", form, kind=chosen, rule=RULES[chosen], focus=focus, gone=gone)


def _asked(block: queries.Block) -> list[dict[str, object]]:
    """The lines as the form asks for them: those that are kept, without who left, else the usual captions."""
    if block.lines:
        return [
            {
                **asdict(line),
                "membership_id": None if line.gone else line.membership_id,
                "name": "" if line.membership_id else line.name,
            }
            for line in block.lines
        ]
    return [{"caption": caption} for caption, _ in RULES[block.kind].usual]


def _given(form: BlockForm) -> list[actions.Line]:
    return [
        actions.Line(line["caption"] or "", line["membership_id"], line["name"] or "", line["title"] or "")
        for line in form.lines.data
    ]
