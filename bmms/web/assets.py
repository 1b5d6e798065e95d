"""Static files: fingerprinted names, compressed once at start-up, served by WhiteNoise (decision D6).

`build_assets` writes three files for each source (plain, .gz, .br) under a name that carries eight hexadecimal
digits of its content, so an answer may be kept for a year: other content has another name. Names of earlier
versions stay in the target folder, for pages that were opened before an upgrade.
"""

import gzip
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any
from wsgiref.headers import Headers

import brotli
from flask import Flask
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header
from whitenoise import WhiteNoise

SOURCE = Path(__file__).parent.parent / "static"
PREFIX = "/static/"
_FINGERPRINTED = re.compile(r"[\w-]+(\.[\w-]+)*\.[0-9a-f]{8}\.\w+")


class AssetError(RuntimeError):
    """A static file cannot be prepared; the message names the folder and the remedy."""


@dataclass(frozen=True)
class Manifest:
    """Which fingerprinted file stands for which name.

    folder: where the files lie; names: source name to fingerprinted name, as `bmms.css` to `bmms.1a2b3c4d.css`.
    """

    folder: Path
    names: Mapping[str, str]

    def url(self, name: str) -> str:
        """The address of a file. Raises AssetError for a name that is not in the source folder."""
        try:
            return PREFIX + self.names[name]
        except KeyError:
            raise AssetError(f"There is no static file {name!r}; there are {', '.join(sorted(self.names))}.") from None

    def path(self, url: str) -> Path | None:
        """The file behind an address made by `url`, for a renderer without a server; None for any other address."""
        name = url.removeprefix(PREFIX)
        return self.folder / name if name in self.names.values() else None


def build_assets(source: Path, target: Path) -> Manifest:
    """Fingerprint and compress every file of `source` (its *.md notes apart) into `target`; return the manifest.

    What is there already is left as it is, and each file appears whole or not at all, so any number of processes
    may start at once. Raises AssetError when `target` cannot be written.
    """
    files = sorted(path for path in source.iterdir() if path.is_file() and path.suffix != ".md")
    names = {}
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path in files:
            content = path.read_bytes()
            name = f"{path.stem}.{sha256(content).hexdigest()[:8]}{path.suffix}"
            _put(target / f"{name}.br", brotli.compress, content)
            _put(target / f"{name}.gz", _gzip, content)
            _put(target / name, bytes, content)
            names[path.name] = name
    except OSError as error:
        raise AssetError(
            f"Static files cannot be written to {target}: {error.strerror}. Make the folder writable for the user "
            "who runs BMMS, or name another one."
        ) from error
    return Manifest(target, MappingProxyType(names))


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


def _put(path: Path, encode: Callable[[bytes], bytes], content: bytes) -> None:
    """Write `path` unless it is there. The name says what the content is, so a file once complete never changes."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(encode(content))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


class StaticFiles(WhiteNoise):
    """WhiteNoise over the fingerprinted files of one folder, old versions included; anything else goes to the app."""

    FOREVER = 365 * 24 * 60 * 60

    def __init__(self, application: Callable[..., Iterable[bytes]], folder: Path) -> None:
        super().__init__(
            application,
            allow_all_origins=False,
            immutable_file_test=lambda path, url: True,
            add_headers_function=_protect,
        )
        for path in folder.iterdir():
            if _FINGERPRINTED.fullmatch(path.name):
                self.add_file_to_dictionary(PREFIX + path.name, str(path))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        accepted = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING", ""), Accept)
        # WhiteNoise looks for the word only, so what the browser refuses (q=0) is taken out before it looks.
        wanted = ", ".join(encoding for encoding, quality in accepted if quality > 0)
        if environ.get("PATH_INFO", "") in self.files:
            environ = {**environ, "HTTP_ACCEPT_ENCODING": wanted}
        return super().__call__(environ, start_response)


def _protect(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def init_assets(app: Flask, folder: Path, source: Path = SOURCE) -> Manifest:
    """Build into `folder`, serve from it, and give templates `asset_url('bmms.css')`.

    The manifest is also kept as `app.extensions["assets"]`. Raises AssetError when `folder` cannot be written.
    """
    manifest = build_assets(source, folder)
    app.jinja_env.globals["asset_url"] = manifest.url
    app.wsgi_app = StaticFiles(app.wsgi_app, folder)  # type: ignore[method-assign]
    app.extensions["assets"] = manifest
    return manifest
