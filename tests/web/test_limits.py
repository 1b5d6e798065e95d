"""Requests are counted one after the other, however many arrive at once."""

import threading
import time

from flask import Flask

from bmms.extensions import limiter
from bmms.web import limits


def test_requests_that_arrive_together_are_counted_in_turn(app: Flask, monkeypatch) -> None:
    hit, at_work, most = limiter.limiter.hit, [], []

    def slowly(*arguments: object) -> bool:
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.01)
        at_work.pop()
        return hit(*arguments)

    monkeypatch.setattr(limiter.limiter, "hit", slowly)
    threads = [threading.Thread(target=limits.count, args=("100 per minute", "together")) for _ in range(8)]
    with app.app_context():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (len(most), max(most)) == (8, 1)
