"""What loading the three acts costs: reading, adding up, checking and writing, beside a bare INSERT of the same rows.

Run by `make bench` in the database of the pilot; everything is rolled back. Each figure is the best of three runs.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from bmms.app import create_app
from bmms.domain.actors import command_actor
from bmms.domain.appropriations import loading, reading
from bmms.domain.reference.rows import FOLDER
from bmms.extensions import db
from bmms.models.appropriations import ActBody, ActLine
from bmms.tenancy import bind_platform

ROUNDS = 3
FILES = sorted(FOLDER.glob("gaab_*.csv"))


def rolled_back(work: Callable[[Session], object]) -> float:
    """Seconds that the work takes, its checks at the end with it."""
    with Session(db.engine) as session:
        bind_platform(session, "bench")
        began = time.perf_counter()
        work(session)
        session.flush()
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        return time.perf_counter() - began


def load(session: Session) -> None:
    """All three acts, under titles that are not there yet."""
    for path in FILES:
        act = reading.read(path)
        loading.load_act(session, command_actor(), replace(act, title=f"{act.title}, bench"))


def rows_of(session: Session) -> list[dict[str, object]]:
    """The lines of the acts that are loaded, as plain values."""
    table = ActLine.__table__
    return [
        {name: value for name, value in row._mapping.items() if name != "id"} for row in session.execute(select(table))
    ]


def main() -> None:
    """Print one line."""
    app = create_app()
    with app.app_context():
        with Session(db.engine) as session:
            bind_platform(session, "bench")
            rows = rows_of(session)
            body_id = session.scalar(select(ActBody.id).limit(1))
        plain = [
            {**row, "body_id": body_id, "ordinal": 10_000 + n, "above": None, "counts": False}
            for n, row in enumerate(rows)
        ]
        taken = [
            (rolled_back(load), rolled_back(lambda session: session.execute(insert(ActLine), plain)))
            for _ in range(ROUNDS)
        ]
        ours, bare = (min(each) for each in zip(*taken, strict=True))
        print(
            f"three acts, {len(rows)} lines: {ours:.2f} s, a bare INSERT of the lines {bare:.2f} s, {ours / bare:.1f} x"
        )


if __name__ == "__main__":
    main()
