"""Lines of the log: one JSON object each in staging and production, for people in development (house 5).

Web and worker write with `logging`. What a request or a job is about is bound once, with structlog's context
variables, and stands in every line until it ends. Of an error a line holds the class, the message with the data
blacked out, and the way through the code: never a form value, a query, or a secret.
"""

import logging
import re
from datetime import datetime
from pathlib import Path
from traceback import extract_tb
from typing import Any

from sqlalchemy.exc import DBAPIError
from structlog.contextvars import merge_contextvars
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import JSONRenderer
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name
from structlog.typing import EventDict

from bmms.config import PROJECT, Config, from_environ
from bmms.domain.clock import MANILA
from bmms.domain.errors import DomainError


def start(config: Config) -> None:
    """Write the lines of this process, its warnings included, to stderr, unless logging is set up already."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(config))
    logging.basicConfig(level=config.log_level, handlers=[handler])
    logging.captureWarnings(True)


def formatter(config: Config | None = None) -> logging.Formatter:
    """How a record becomes a line. Without settings, as the web server asks for it, those of the environment count."""
    config = config or from_environ()
    for_people = ConsoleRenderer(colors=False, pad_event_to=0, exception_formatter=plain_traceback)
    for_machines = (_tell_error, _in_order, JSONRenderer(ensure_ascii=False, default=str))
    return ProcessorFormatter(
        foreign_pre_chain=[merge_contextvars, add_log_level, add_logger_name, ExtraAdder(), _tell_time],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            *((for_people,) if config.is_development else for_machines),
        ],
    )


def _tell_time(logger: Any, method: str, line: EventDict) -> EventDict:
    moment = datetime.fromtimestamp(line["_record"].created, MANILA)
    line["timestamp"] = moment.isoformat(timespec="milliseconds")
    return line


def _tell_error(logger: Any, method: str, line: EventDict) -> EventDict:
    """An exception with its traceback, without the values that the text of an error may carry."""
    wrong = (line.pop("exc_info", None) or (None, None, None))[1]
    if wrong is not None:
        line["exception"], line["traceback"] = describe(wrong), way(wrong)
        if before := wrong.__cause__ or (None if wrong.__suppress_context__ else wrong.__context__):
            line["because"] = describe(before)
    return line


def _in_order(logger: Any, method: str, line: EventDict) -> EventDict:
    first = {"time": line.pop("timestamp"), "level": line.pop("level"), "logger": line.pop("logger")}
    return {**first, "message": line.pop("event"), **line}


_TELLING = re.compile(r"'[^']*'|\"[^\"]*\"|\S+@\S+|\d{5,}|(?=\S*\d)\S{8,}")  # quoted values, addresses, numbers, keys


def describe(wrong: BaseException) -> str:
    """An error as the platform team reads it: class, place in our code, and a message with the data blacked out."""
    if isinstance(wrong, DBAPIError):
        origin, state = wrong.orig, getattr(wrong.orig, "sqlstate", None)
        constraint = getattr(getattr(origin, "diag", None), "constraint_name", None)
        words = [type(origin).__name__, state or "", constraint or ""]
    elif isinstance(wrong, DomainError):
        words = [type(wrong).__name__]  # its text is for the person who asked
    else:
        message = _TELLING.sub("…", str(wrong).partition("\n")[0])[:200]
        words = [f"{type(wrong).__name__}{':' if message else ''}", message]
    return " ".join(word for word in (*words, _place(wrong)) if word)


def way(wrong: BaseException) -> list[str]:
    """The places that an error came through, the innermost last: `tasks/files.py:17 sweep`."""
    frames = extract_tb(wrong.__traceback__)
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(name: str) -> str:
    """The file of a frame, below the project or its packages: nothing of the machine."""
    if "site-packages" in name:
        return name.rpartition("site-packages/")[2]
    return str(Path(name).relative_to(PROJECT)) if name.startswith(f"{PROJECT}/") else Path(name).name


def _place(wrong: BaseException) -> str:
    ours = [frame for frame in extract_tb(wrong.__traceback__) if frame.filename.startswith(f"{PROJECT}/")]
    named = [frame for frame in ours if "site-packages" not in frame.filename]
    return f"({_short(named[-1].filename)}:{named[-1].lineno})" if named else ""
