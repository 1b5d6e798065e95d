"""One key for each purpose, derived from the installation's secrets (decision D36)."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive(secret: str, purpose: str) -> bytes:
    """32 bytes that belong to this secret and this purpose alone (HKDF-SHA-256)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"bmms:{purpose}".encode()).derive(secret.encode())


def digest(secret: str, purpose: str, value: str) -> bytes:
    """A keyed digest, 32 bytes: to find a token or a name again without keeping it."""
    return hmac.new(derive(secret, purpose), value.encode(), hashlib.sha256).digest()


def key_id(key: str) -> str:
    """By which a key of DATA_KEYS is named; it tells nothing of the key."""
    return hashlib.sha256(b"bmms:key-id:" + key.encode()).hexdigest()[:8]


class Vault:
    """Encryption at rest. Values begin with the id of their key, so keys can be changed one after the other."""

    def __init__(self, data_keys: tuple[str, ...], purpose: str) -> None:
        if not data_keys:
            raise ValueError("DATA_KEYS is empty: nothing can be encrypted")
        self._keys = {key_id(key): Fernet(base64.urlsafe_b64encode(derive(key, purpose))) for key in data_keys}
        self._newest = key_id(data_keys[0])

    def seal(self, plain: str) -> bytes:
        """Encrypt with the newest key."""
        return f"{self._newest}.".encode() + self._keys[self._newest].encrypt(plain.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt.

        Raises:
            InvalidToken: the value was altered, or its key is no longer in DATA_KEYS.
        """
        its_key, _, token = bytes(sealed).partition(b".")
        fernet = self._keys.get(its_key.decode(errors="replace"))
        if fernet is None:
            raise InvalidToken
        return fernet.decrypt(token).decode()

    def is_newest(self, sealed: bytes) -> bool:
        """Was this value sealed with the newest key?"""
        return bytes(sealed).startswith(f"{self._newest}.".encode())
