"""Signed tokens are valid for one purpose, one label and the secrets at hand."""

from hypothesis import given
from hypothesis import strategies as st

from wire.signing import Signer

OLD, NEW = "an old secret of the tests", "a new secret of the tests"
SIGNER = Signer((OLD,), "label")


@given(st.text(), st.binary())
def test_a_token_is_read_as_it_was_signed(purpose: str, body: bytes) -> None:
    assert SIGNER.read(purpose, SIGNER.sign(purpose, body)) == body


@given(st.binary())
def test_another_purpose_label_or_secret_reads_nothing(body: bytes) -> None:
    token = SIGNER.sign("one", body)
    assert SIGNER.read("other", token) is None
    assert Signer((OLD,), "another label").read("one", token) is None
    assert Signer((NEW,), "label").read("one", token) is None


@given(st.binary(), st.data())
def test_a_changed_token_is_not_valid(body: bytes, data: st.DataObject) -> None:
    token = SIGNER.sign("one", body)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda one: one != token[place]))
    assert SIGNER.read("one", token[:place] + letter + token[place + 1 :]) is None
    assert SIGNER.read("one", token[:place]) is None


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert SIGNER.read("one", text) is None


def test_an_older_secret_still_reads_and_no_longer_signs() -> None:
    rotated = Signer((NEW, OLD), "label")
    assert rotated.read("one", SIGNER.sign("one", b"body")) == b"body"
    assert SIGNER.read("one", rotated.sign("one", b"body")) is None
