"""`ui`: every macro of templates/components/ under one name, in every template and in every block.

A block that htmx asks for is rendered alone, without the top of its file, so what the file imports there is missing
(jinja2-fragments). `{{ ui.pill("Approved", "ok") }}` works in pages, blocks and other macros alike; to find a
macro, look for its name in templates/components/.
"""

from typing import Any

from flask import Flask
from jinja2 import Environment
from jinja2.runtime import Macro

_FOLDER = "components/"
_NOT_MACROS = {"toasts.html", "toasts_oob.html", "field_error.html"}


class Components:
    """The macros by name. Files are found once; a changed file is read again when the environment says so."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._files: dict[str, str] = {}

    def _find(self) -> dict[str, str]:
        """Macro name to file. Raises ValueError when two files define the same name."""
        found: dict[str, str] = {}
        for file in self._environment.list_templates(filter_func=_holds_macros):
            for name, value in vars(self._environment.get_template(file).module).items():
                if isinstance(value, Macro) and not name.startswith("_"):
                    if name in found:
                        raise ValueError(f"the macro {name} stands in both {found[name]} and {file}")
                    found[name] = file
        return found

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        self._files = self._files or self._find()
        if name not in self._files:
            raise AttributeError(f"no macro {name} in templates/{_FOLDER}")
        return getattr(self._environment.get_template(self._files[name]).module, name)


def _holds_macros(template: str) -> bool:
    return template.startswith(_FOLDER) and template.removeprefix(_FOLDER) not in _NOT_MACROS


def init_components(app: Flask) -> None:
    """Give every template `ui`."""
    app.jinja_env.globals["ui"] = Components(app.jinja_env)
