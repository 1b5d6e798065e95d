"""The pages of the style guide. They show; what is posted to them is checked and forgotten."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from bmms.blueprints.styleguide import bp, sample
from bmms.blueprints.styleguide.forms import ROLE_HINTS, ReturnForm, SampleForm
from bmms.web.guard import PUBLIC, guard
from bmms.web.respond import form_page, page, see_other

SORTS = {"name", "role", "rows"}


@bp.get("/")
@guard(PUBLIC)
def basics() -> ResponseReturnValue:
    return page("styleguide/basics.html", shell=sample.Shell())


@bp.route("/forms", methods=["GET", "POST"])
@guard(PUBLIC)
def forms() -> ResponseReturnValue:
    form = SampleForm()
    if checked := request.args.get("check"):
        form.validate()
        return render_template("components/field_error.html", field=form[checked])
    if form.validate_on_submit():
        return see_other(url_for(".forms"), "Everything was in order. Nothing was saved.")
    return form_page("styleguide/forms.html", form, shell=sample.Shell(), role_hints=ROLE_HINTS, kept=sample.Kept())


@bp.get("/data")
@guard(PUBLIC)
def data() -> ResponseReturnValue:
    search, sort = request.args.get("q", "").strip(), request.args.get("sort", "name")
    sort = sort if sort.strip("-") in SORTS else "name"
    people = sample.PeoplePage(
        page=request.args.get("page", 1, int), per_page=5, error_out=False, search=search, sort=sort
    )
    return page(
        "styleguide/data.html",
        fragment="results",
        shell=sample.Shell(),
        people=people,
        search=search,
        sort=sort,
        classes=sample.CLASSES,
        total=sample.TOTAL,
        share=sample.SHARE,
        proof=sample.PROOF,
        first=sample.FIRST_DAY,
        last=sample.LAST_DAY,
        branches=sample.BRANCHES,
        refused=sample.Refused(),
    )


@bp.get("/ways")
@guard(PUBLIC)
def ways() -> ResponseReturnValue:
    job = sample.Job(percent=min(100, request.args.get("percent", 20, int)))
    return page(
        "styleguide/ways.html",
        fragment="progress",
        quiet=True,
        shell=sample.Shell(),
        job=job,
        events=sample.EVENTS,
        form=ReturnForm(),
    )


@bp.route("/return", methods=["GET", "POST"])
@guard(PUBLIC)
def return_plan() -> ResponseReturnValue:
    form = ReturnForm()
    if form.validate_on_submit():
        return see_other(url_for(".ways"), "Returned, in this example.")
    return form_page("styleguide/return_plan.html", form, shell=sample.Shell())


@bp.get("/paper")
@guard(PUBLIC)
def paper() -> ResponseReturnValue:
    return page("styleguide/paper.html", organization=sample.Organization(), contains_demo=True, people=sample.PEOPLE)
