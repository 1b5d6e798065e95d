"""What lies in the queue: a task's name and at most a job's id, as JSON, signed (decision D5).

Huey's own format is pickle, so whoever could write the queue table could run code in the worker. Ours can be read in
`psql`, holds nothing worth stealing, and a row that BMMS did not sign is refused before it is parsed.
"""

import hashlib
import hmac
import json
import uuid

from huey.registry import Message
from huey.serializer import Serializer

from bmms.keys import derive

PREFIX = "tasks."  # Huey names a task by module and name; with one module for all, a name stays when code moves


class ForgedPayload(ValueError):
    """A queue row without a signature of this installation."""


class SignedPayload(Serializer):
    """Huey's serializer, for rows of the form `["<id>","tasks.<name>",[<job id>]].<signature>`."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[bytes, ...] = ()

    def use(self, secret: str, fallbacks: tuple[str, ...] = ()) -> None:
        """Sign with this secret; accept what was signed with it or with an earlier one (decision D36)."""
        self._keys = tuple(derive(one, "queue") for one in (secret, *fallbacks))

    def payload(self, task: str, job_id: int | None = None) -> bytes:
        """The row that makes a worker run a task."""
        arguments = () if job_id is None else (job_id,)
        return self.serialize(Message(str(uuid.uuid4()), PREFIX + task, args=arguments))

    def _serialize(self, data: Message) -> bytes:
        if not self._keys:
            raise RuntimeError("the queue has no key yet: call init_queue(app) first")
        body = json.dumps([data.id, data.name, list(data.args)], separators=(",", ":")).encode()
        return body + b"." + self._signature(self._keys[0], body)

    def _deserialize(self, data: bytes) -> Message:
        body, _, signature = bytes(data).rpartition(b".")
        if not any(hmac.compare_digest(signature, self._signature(key, body)) for key in self._keys):
            raise ForgedPayload("a queue row is not signed by this installation; it is thrown away")
        ident, name, arguments = json.loads(body)
        return Message(ident, name, args=tuple(arguments))

    @staticmethod
    def _signature(key: bytes, body: bytes) -> bytes:
        return hmac.new(key, body, hashlib.sha256).hexdigest().encode()
