"""Stands for `bmms db upgrade`: makes the tables as the owner, or does what the file `upgrade` in the checkout says."""

import os
import sys
import time
from pathlib import Path

import psycopg

order = Path("upgrade").read_text() if Path("upgrade").exists() else ""
if order == "fail":
    sys.exit("upgrade: no such revision")
if order == "wait":
    Path("waiting").touch()
    time.sleep(60)
with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS notes (id int PRIMARY KEY)")
    connection.execute("CREATE TABLE IF NOT EXISTS people (name text, password text)")
    connection.execute("GRANT SELECT, INSERT ON notes, people TO bmms_app")
