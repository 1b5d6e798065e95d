"""Stands for the web server: `GET /health/` answers 200, `POST /<number>` answers 201 once that number is committed."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg


class Notes(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.reply(200 if self.path == "/health/" else 404)

    def do_POST(self) -> None:
        try:
            with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as connection:
                connection.execute("INSERT INTO notes VALUES (%s)", [int(self.path[1:])])
        except psycopg.Error:
            self.reply(503)
        else:
            self.reply(201)

    def reply(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


server = ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Notes)
Path("web.pid").write_text(str(os.getpid()))
server.serve_forever()
