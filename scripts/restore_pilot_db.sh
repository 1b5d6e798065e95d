#!/bin/sh
# Put a backup in the place of the database: scripts/restore_pilot_db.sh [backup]. What `flask restore` does.
# Without a backup those that there are are listed to choose from. Exit codes: 0 done, or declined; 1 refused, and the
# database is as it was; 2 wrong usage.
set -eu
cd "$(dirname "$0")/.."
[ -x .venv/bin/bmms ] || { echo "BMMS is not set up here: run make setup." >&2; exit 1; }
exec .venv/bin/bmms restore "$@"
