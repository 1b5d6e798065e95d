#!/bin/sh
# Back up database and uploads: scripts/backup_pilot_db.sh [directory]. What `flask backup` does; for cron.
# Exit codes: 0 done; 1 refused, nothing half-made stays; 2 wrong usage; 3 the backup stands, but needs a look.
set -eu
cd "$(dirname "$0")/.."
[ -x .venv/bin/bmms ] || { echo "BMMS is not set up here: run make setup." >&2; exit 1; }
exec .venv/bin/bmms backup "$@"
