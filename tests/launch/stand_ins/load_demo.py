"""Stands for `bmms load_demo`: people with a random password each, once, and a file that tells them."""

import csv
import os
import secrets
import sys

import psycopg

assert "DATABASE_OWNER_URL" not in os.environ
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    if connection.execute("SELECT count(*) FROM people").fetchone() == (0,):
        rows = [("Amina Sample", secrets.token_hex(8)), ("Ben", secrets.token_hex(8))]
        for row in rows:
            connection.execute("INSERT INTO people VALUES (%s, %s)", row)
        with open(sys.argv[1], "w", newline="") as file:
            csv.writer(file).writerows([("name", "password"), *rows])
