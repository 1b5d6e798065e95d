"""One content, one text, one fingerprint: for versions that are kept and for documents that are printed (INV-14)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(payload: Mapping[str, Any]) -> str:
    """The same content gives the same text: keys sorted, no blanks."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(payload: Mapping[str, Any]) -> str:
    """The SHA-256 of the canonical text, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(payload).encode()).hexdigest()
