"""An independent verifier accepts our signatures, and none on a changed mail."""

import base64
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from delivery.dkim import DkimKey, DkimKeys, PrivateKey, read_keys
from delivery.letter import header, letter
from delivery.render import Writer
from tests.delivery.drafts import LINKS, NOW, default_draft, draft, sender

DOMAIN = "bakery.example.com"
KEYS: dict[str, PrivateKey] = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
EACH = pytest.mark.parametrize("kind", KEYS)


def keys(kind: str) -> DkimKeys:
    return DkimKeys({DOMAIN: DkimKey(DOMAIN, "mail", KEYS[kind])})


def record(kind: str) -> bytes:
    """The public key as in the DNS."""
    public = KEYS[kind].public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    else:
        raw = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k={kind}; p={base64.b64encode(raw).decode()}".encode()


def is_valid(message: bytes, kind: str) -> bool:
    def look_up(name: bytes, timeout: int = 5) -> bytes | None:
        return record(kind) if name == f"mail._domainkey.{DOMAIN}.".encode() else None

    return bool(dkim.verify(message, dnsfunc=look_up))


def pem(key: PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


@EACH
@pytest.mark.parametrize("language", ["en", "de", "pl"])
def test_a_signed_mail_is_valid(kind: str, language: str) -> None:
    of = default_draft(language, sender=sender(name="Bäckerei   Süß", reply_to="desk@bakery.example.com"))
    message = Writer(LINKS, keys=keys(kind)).write(of, NOW).message
    assert message.startswith(b"DKIM-Signature: v=1;")
    assert is_valid(message, kind)


@EACH
@given(
    subject=st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    text=st.text(st.sampled_from(" \t\nab.ü"), max_size=200),
)
def test_any_mail_is_valid(kind: str, subject: str, text: str) -> None:
    message = letter([b"From: a@bakery.example.com\r\n", header("Subject", subject)], NOW, "=_b", text, text)
    assert is_valid(keys(kind).sign(DOMAIN, message, NOW), kind)


@EACH
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: How", b"Subject: Who"),
        (b"To: ", b'To: "Bob" '),
        (b"\r\nFrom: ", b"\r\nFrom: evil@example.net\r\nFrom: "),
        (b"\r\nSubject: ", b"\r\nSubject: Win\r\nSubject: "),
        (b"List-Unsubscribe: <", b"List-Unsubscribe: <https://evil.example.net/"),
        (b"List-Unsubscribe-Post: ", b"List-Unsubscribe-Post: No-"),
        (b"Message-ID: <", b"Message-ID: <1"),
        (b"Date: Mon", b"Date: Tue"),
        (b"Content-Type: multipart/alternative", b"Content-Type: multipart/mixed"),
        (b"Hello Ann", b"Hello Bob"),
    ],
)
def test_a_changed_mail_is_not_valid(kind: str, old: bytes, new: bytes) -> None:
    message = Writer(LINKS, keys=keys(kind)).write(draft(), NOW).message
    assert old in message
    assert is_valid(message, kind)
    assert not is_valid(message.replace(old, new, 1), kind)


def test_a_domain_without_a_key_is_not_signed() -> None:
    of = draft(sender=sender(email="hello@other.example.com"))
    assert Writer(LINKS, keys=keys("rsa")).write(of, NOW) == Writer(LINKS).write(of, NOW)


@EACH
def test_a_key_is_read_from_its_file(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(pem(KEYS[kind]))
    found = read_keys([f"Bakery.Example.com:mail:{file}"])
    message = Writer(LINKS, keys=found).write(draft(), NOW).message
    assert is_valid(message, kind)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: "),
        (b"no key", "not a private key in PEM"),
        (pem(rsa.generate_private_key(65537, 1024)), "neither RSA with 2048 bits or more nor Ed25519"),  # noqa: S505
        (pem(ec.generate_private_key(ec.SECP256R1())), "neither RSA with 2048 bits or more nor Ed25519"),
    ],
    ids=["no file", "no key", "short", "another kind"],
)
def test_a_key_that_cannot_be_used_is_refused(content: bytes | None, words: str, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=words):
        read_keys([f"{DOMAIN}:mail:{file}"])


@pytest.mark.parametrize("entry", ["", "key.pem", "example.org:mail", "example.org:mail:", ":mail:/k", "a b:mail:/k"])
def test_an_entry_of_another_form_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="write domain:selector:"):
        read_keys([entry])


def test_two_keys_of_a_domain_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(pem(KEYS["rsa"]))
    with pytest.raises(ValueError, match=r"two keys for bakery\.example\.com"):
        read_keys([f"{DOMAIN}:mail:{file}", f"{DOMAIN}:other:{file}"])
