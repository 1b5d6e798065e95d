"""Keys: one for each purpose, and values that outlive a change of keys."""

import pytest
from cryptography.fernet import InvalidToken

from bmms.keys import Vault, derive, digest


def test_each_purpose_has_its_own_key():
    assert derive("secret", "queue") != derive("secret", "session")
    assert derive("secret", "queue") == derive("secret", "queue")
    assert len(derive("secret", "queue")) == 32


def test_digests_depend_on_secret_purpose_and_value():
    known = digest("secret", "reset", "token")
    assert known == digest("secret", "reset", "token")
    assert (
        len({known, digest("other", "reset", "token"), digest("secret", "x", "token"), digest("secret", "reset", "t")})
        == 4
    )


def test_a_sealed_value_opens_after_a_key_was_added_and_not_after_it_was_removed():
    sealed = Vault(("old",), "credentials").seal("Kalesa")
    both = Vault(("new", "old"), "credentials")
    assert both.open(sealed) == "Kalesa"
    assert not both.is_newest(sealed)
    assert both.is_newest(both.seal("x"))
    with pytest.raises(InvalidToken):
        Vault(("new",), "credentials").open(sealed)


def test_an_altered_value_or_another_purpose_does_not_open():
    vault = Vault(("key",), "credentials")
    sealed = vault.seal("Kalesa")
    with pytest.raises(InvalidToken):
        vault.open(sealed[:-4] + b"AAAA")
    with pytest.raises(InvalidToken):
        Vault(("key",), "totp").open(sealed)
    with pytest.raises(ValueError, match="DATA_KEYS is empty"):
        Vault((), "credentials")
