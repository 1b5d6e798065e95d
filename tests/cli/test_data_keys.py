"""What rests encrypted is encrypted anew with the newest key, in every organization."""

from dataclasses import replace

from sqlalchemy.orm import Session

from bmms.domain.installation import Installation
from bmms.domain.payees import tins
from bmms.models.payees import Payee
from bmms.tenancy import bind_scope


def sealed_payee(engine, app, organization_id: int) -> int:
    """A payee with a TIN, in one organization."""
    with Session(engine, info={"installation": app.extensions["installation"]}) as session:
        bind_scope(session, organization_id)
        payee = Payee(name="Acme Trading")
        tins.keep(session, payee, "123456789")
        session.add(payee)
        session.commit()
        return payee.id


def test_tax_numbers_of_every_organization_go_over_to_the_newest_key(app, engine, cast, monkeypatch):
    places = {place: sealed_payee(engine, app, place) for place in (cast.moh.id, cast.mbhte.id)}
    before: Installation = app.extensions["installation"]
    newest = "the newest key"
    both = Installation(replace(before.config, data_keys=(newest, *before.config.data_keys)))
    monkeypatch.setitem(app.extensions, "installation", both)
    ran = app.test_cli_runner().invoke(args=["rotate_data_keys"])
    assert "Encrypted 2 values" in ran.output, ran.output
    assert "Encrypted 0 values" in app.test_cli_runner().invoke(args=["rotate_data_keys"]).output
    alone = Installation(replace(before.config, data_keys=(newest,)))
    for place, payee_id in places.items():
        with Session(engine, info={"installation": alone}) as session:
            bind_scope(session, place)
            assert tins.opened(session, session.get_one(Payee, payee_id)) == "123456789"
