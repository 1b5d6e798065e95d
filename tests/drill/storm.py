"""Thirty people at once from one address: sign in, read, change their phone, forget their password (house 4.11).

Each change that was answered with success is written down here and compared with the database afterwards.
"""

import http.client
import http.cookiejar
import random
import re
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.error import HTTPError, URLError

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
AWAY = (URLError, ConnectionError, http.client.HTTPException, TimeoutError)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are answers here, not something to follow."""

    def redirect_request(self, *_arguments: object) -> None:
        return None


@dataclass
class Visitor:
    """One person in one browser without JavaScript."""

    base: str
    username: str
    password: str
    number: int
    answers: Counter = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    confirmed_phone: str = ""  # the last one that the server said is saved
    tried_phones: list[str] = field(default_factory=list)  # later ones without an answer
    asked_for_reset: bool = False
    location: str = ""  # where the last answer leads

    def __post_init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies, _Stay())
        self._draw = random.Random(self.number)

    def ask(self, path: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        """One request. Status 0 means that nobody answered."""
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        try:
            with self._opener.open(self.base + path, body, timeout=60) as answer:
                status, text, self.location = answer.status, answer.read().decode(), ""
        except HTTPError as answer:
            status, text, self.location = answer.code, "", answer.headers.get("Location", "")
            with suppress(*AWAY):  # it broke off: what its head said stands
                text = answer.read().decode(errors="replace")
        except AWAY:
            status, text, self.location = 0, "", ""
        self.answers[status] += 1
        if status not in (200, 303):
            self.failures.append(f"{self.username} {path}: {status}")
        return status, text

    def token(self, path: str) -> str:
        """The CSRF token of a form; empty when the page did not come."""
        found = TOKEN.search(self.ask(path)[1])
        return found[1] if found else ""

    def sign_in(self) -> bool:
        """Through the form; True when in."""
        data = {"username": self.username, "password": self.password, "csrf_token": self.token("/login")}
        status, _ = self.ask("/login", data)
        if status == 303:
            self._accept_notice()
        return status == 303

    def _accept_notice(self) -> None:
        status, page = self.ask("/account/privacy")
        if status == 200 and (found := TOKEN.search(page)):
            self.ask("/account/privacy", {"csrf_token": found[1], "accepted": "y"})

    def change_phone(self) -> None:
        """Save the profile with a new number; 303 is the server's word that it is kept."""
        status, page = self.ask("/account/")
        found = TOKEN.search(page)
        if status != 200 or not found:
            return
        phone = f"+639{self._draw.randrange(10**9):09d}"
        names = re.findall(r'name="(first_name|last_name)"[^>]*?value="([^"]*)"', page)
        data = {"csrf_token": found[1], "phone": phone, "mail_mode": "", **dict(names)}
        self.tried_phones.append(phone)
        if self.ask("/account/", data)[0] == 303:
            self.confirmed_phone, self.tried_phones = phone, []

    def forget_password(self) -> None:
        """Ask for a link once; 200 is the server's word that a mail will go out."""
        token = self.token("/forgot")
        if token and self.ask("/forgot", {"csrf_token": token, "login": self.username})[0] == 200:
            self.asked_for_reset = True

    def live(self, until: float, give_up: float, pause: float) -> None:
        """Work like a person in a hurry until the moment has come; sign in again whenever thrown out.

        On a slow machine somebody who has saved nothing yet goes on for longer, but not beyond `give_up`.
        """
        inside = False
        while time.monotonic() < (until if self.confirmed_phone else give_up):
            if not inside:
                inside = self.sign_in()
                time.sleep(pause if inside else 13)  # five tries a minute are allowed
                continue
            act = self._draw.random()
            if act < 0.6:
                inside = self.ask("/organizations")[0] != 303  # a 303 leads to the sign-in page
            elif act < 0.9:
                self.change_phone()
            elif not self.asked_for_reset:
                self.forget_password()
            time.sleep(pause * (0.5 + self._draw.random()))


def storm(base: str, people: list[tuple[str, str]], seconds: float, pause: float = 1.0) -> list[Visitor]:
    """Let all these people (username, password) work at once for so many seconds."""
    until = time.monotonic() + seconds
    give_up = until + 120
    visitors = [Visitor(base, name, password, number) for number, (name, password) in enumerate(people)]
    threads = [threading.Thread(target=visitor.live, args=(until, give_up, pause)) for visitor in visitors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return visitors
