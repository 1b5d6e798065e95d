"""The application factory: settings, extensions, hooks, blueprints. Nothing else."""

from dataclasses import replace
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

import bmms.models  # noqa: F401  (the metadata is complete from here on)
from bmms import config as settings
from bmms.cli import init_commands
from bmms.config import Config, ConfigError
from bmms.domain.installation import Installation
from bmms.extensions import compress, csrf, db, htmx, limiter, login_manager, mail, migrate
from bmms.web.addresses import init_addresses
from bmms.web.assets import init_assets
from bmms.web.components import init_components
from bmms.web.errors import init_errors
from bmms.web.filters import init_filters
from bmms.web.guard import init_guard
from bmms.web.headers import init_headers
from bmms.web.identity import init_identity
from bmms.web.kept_forms import init_kept_forms
from bmms.web.logs import init_logs
from bmms.web.maintenance import init_maintenance
from bmms.web.requests import init_requests
from bmms.web.shell import init_shell
from bmms.web.transaction import init_transaction
from tasks.queue import init_queue


def create_app(config: Config | None = None) -> Flask:
    """Make one application.

    Args:
        config: the settings; read from the environment when left out.

    Raises:
        ConfigError: a setting is missing or wrong.
    """
    config = complete(config or settings.from_environ())
    app = Flask("bmms", instance_path=str(config.instance), static_folder=None)
    app.config.update(_flask_settings(config))
    app.extensions["installation"] = Installation(config)
    _init_extensions(app, config)
    _init_web(app, config)
    _register_blueprints(app, config)
    init_commands(app)
    return app


def complete(config: Config) -> Config:
    """Fill in what a development installation makes for itself: keys under `instance/`, the launcher's database."""
    if not config.is_development:
        return config
    kept: dict[str, Any] = {}
    if not config.secret_key:
        kept["secret_key"] = settings.kept_secret(config.instance, "secret_key")
    if not config.data_keys:
        kept["data_keys"] = (settings.kept_secret(config.instance, "data_key"),)
    if not config.database_url:
        from bmms.launch.database import development_urls

        if urls := development_urls(config.instance):
            kept["database_url"], kept["database_ocm_url"] = urls["DATABASE_URL"], urls["DATABASE_OCM_URL"]
    return replace(config, **kept)


def _flask_settings(config: Config) -> dict[str, object]:
    if not config.secret_key or not config.data_keys:
        raise ConfigError("SECRET_KEY and DATA_KEYS must be set.")
    return {
        "SECRET_KEY": config.secret_key,
        "SECRET_KEY_FALLBACKS": list(config.secret_key_fallbacks),
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_pre_ping": True,
            "pool_size": 8,
            "max_overflow": 4,
            "connect_args": {"connect_timeout": 10},
        },
        "SESSION_COOKIE_NAME": "__Host-bmms" if config.secure_cookies else "bmms",
        "SESSION_COOKIE_SECURE": config.secure_cookies,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "WTF_CSRF_CHECK_DEFAULT": False,  # the guard checks, after it knows who asks
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # the guard compares origins itself
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAIL_SERVER": config.mail.host,
        "MAIL_PORT": config.mail.port,
        "MAIL_USE_TLS": config.mail.use_tls,
        "MAIL_USERNAME": config.mail.user or None,
        "MAIL_PASSWORD": config.mail.password or None,
        "MAIL_DEFAULT_SENDER": config.mail.sender,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 5,
        "COMPRESS_MIMETYPES": ["text/html", "text/csv", "application/json"],
        "RATELIMIT_STORAGE_URI": config.limits.storage,
        "RATELIMIT_HEADERS_ENABLED": False,
        "TESTING": config.environment == "test",
    }


def _init_extensions(app: Flask, config: Config) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(settings.PROJECT / "migrations"))
    csrf.init_app(app)
    htmx.init_app(app)
    login_manager.init_app(app)
    mail.init_app(app)
    limiter.init_app(app)
    init_queue(app)


def _init_web(app: Flask, config: Config) -> None:
    """Before a request: id, maintenance, guard. After it, last to first: compression, headers, cost, log, commit."""
    app.jinja_env.undefined = StrictUndefined
    compress.init_app(app)
    init_headers(app)
    init_requests(app)
    init_identity(app)
    init_logs(app)
    init_maintenance(app)
    init_guard(app)
    init_transaction(app)
    init_kept_forms(app)
    init_errors(app)
    init_addresses(app)
    init_shell(app)
    init_filters(app)
    init_components(app)
    init_assets(app, config.instance / "static")


def _register_blueprints(app: Flask, config: Config) -> None:
    from bmms.blueprints import (
        accounts,
        admin,
        budgeting,
        drafts,
        execution,
        files,
        health,
        help,
        home,
        members,
        notices,
        offices,
        planning,
        platform,
        printing,
    )

    modules = (planning.bp, budgeting.bp, execution.bp)
    inside = (home.workplace_bp, *modules, drafts.bp, files.bp, members.bp, notices.bp, admin.bp)
    for blueprint in (home.bp, *inside, platform.bp, offices.bp, accounts.bp, help.bp, printing.bp, health.bp):
        app.register_blueprint(blueprint)
    if config.is_development:
        from bmms.blueprints import styleguide

        app.register_blueprint(styleguide.bp, url_prefix="/style-guide")
