"""Stands for the web server: `GET /ready/` says that pages can be served, as BMMS does while its worker is not up yet;
`POST /<number>` answers 201 once that number is committed.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg


class Notes(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/ready/":
            worker = "No worker has reported in."
            held = os.environ.get("MAINTENANCE", "off")
            signs = {"database": "ok", "migrations": "ok", "worker": worker, "maintenance": held}
            self.reply(503, json.dumps(signs).encode())
        else:
            self.reply(404)

    def do_POST(self) -> None:
        try:
            with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as connection:
                connection.execute("INSERT INTO notes VALUES (%s)", [int(self.path[1:])])
        except psycopg.Error:
            self.reply(503)
        else:
            self.reply(201)

    def reply(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


server = ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Notes)
Path("web.pid").write_text(str(os.getpid()))
server.serve_forever()
