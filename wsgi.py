"""The entry of web servers: `granian --interface wsgi wsgi:app`."""

import sys

from bmms import log_lines
from bmms.app import create_app
from bmms.config import ConfigError
from bmms.domain.platform.starting import check_before_serving
from bmms.extensions import db

try:
    app = create_app()
    log_lines.start(app.extensions["installation"].config)
    with app.app_context():
        check_before_serving(app.extensions["installation"].config, db.engine)
except ConfigError as wrong:
    sys.exit(str(wrong))
