"""Signed tokens are valid for one purpose, one label and the configured secrets."""

from hypothesis import given
from hypothesis import strategies as st

from wire.signing import KeyedHash, Signer

OLD, NEW = "an old secret of the tests", "a new secret of the tests"
SIGNER = Signer((OLD,), "label")


@given(st.text(), st.binary())
def test_token_returns_the_signed_body(purpose: str, body: bytes) -> None:
    assert SIGNER.read(purpose, SIGNER.sign(purpose, body)) == body


@given(st.binary())
def test_token_is_invalid_for_another_purpose_label_or_secret(body: bytes) -> None:
    token = SIGNER.sign("one", body)
    assert SIGNER.read("other", token) is None
    assert Signer((OLD,), "another label").read("one", token) is None
    assert Signer((NEW,), "label").read("one", token) is None


@given(st.binary(), st.data())
def test_changed_token_is_invalid(body: bytes, data: st.DataObject) -> None:
    token = SIGNER.sign("one", body)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda one: one != token[place]))
    assert SIGNER.read("one", token[:place] + letter + token[place + 1 :]) is None
    assert SIGNER.read("one", token[:place]) is None


@given(st.text())
def test_arbitrary_text_is_invalid(text: str) -> None:
    assert SIGNER.read("one", text) is None


def test_older_secret_is_accepted_but_no_longer_signs() -> None:
    rotated = Signer((NEW, OLD), "label")
    assert rotated.read("one", SIGNER.sign("one", b"body")) == b"body"
    assert SIGNER.read("one", rotated.sign("one", b"body")) is None


@given(st.text(), st.text())
def test_keyed_hash_depends_on_purpose_label_and_secret(one: str, other: str) -> None:
    hashes = KeyedHash((OLD,), "label")
    assert hashes.of("purpose", one) == hashes.of("purpose", one)
    assert (hashes.of("purpose", one) == hashes.of("purpose", other)) == (one == other)
    others = (
        hashes.of("another", one),
        KeyedHash((OLD,), "x").of("purpose", one),
        KeyedHash((NEW,), "label").of("purpose", one),
    )
    assert hashes.of("purpose", one) not in others


def test_keyed_hash_of_an_older_secret_is_found_but_not_stored() -> None:
    rotated = KeyedHash((NEW, OLD), "label")
    assert KeyedHash((OLD,), "label").of("purpose", "value") in rotated.all_of("purpose", "value")
    assert rotated.of("purpose", "value") == KeyedHash((NEW,), "label").of("purpose", "value")
