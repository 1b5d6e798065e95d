"""What every answer says about itself: content security, caching, transport (house 5, rules S11 and S12)."""

from flask import Flask, Response, current_app, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
UNTRACEABLE = ("/verify/", "/feeds/", "/reset/")  # paths that hold a secret (decision D41)


def init_headers(app: Flask) -> None:
    """Set the headers after everything else has answered."""
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
    headers.setdefault("Cache-Control", "no-store")
    secret_path = request.path.startswith(UNTRACEABLE)
    headers["Referrer-Policy"] = "no-referrer" if secret_path else "same-origin"
    if secret_path:
        headers["X-Robots-Tag"] = "noindex"
    if seconds := current_app.extensions["installation"].config.hsts_seconds:
        headers["Strict-Transport-Security"] = f"max-age={seconds}; includeSubDomains; preload"
    return response
