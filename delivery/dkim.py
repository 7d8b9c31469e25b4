"""DKIM signatures (RFC 6376, RFC 8463), for installations whose relay does not sign."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

SIGNED = (
    "from", "to", "reply-to", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post", "list-id",
    "feedback-id", "auto-submitted", "mime-version", "content-type",
)  # fmt: skip
SIGNED_TWICE = ("from", "subject")
"""So that a second one cannot be added: clients differ in which they show (RFC 6376, 5.4 and 8.15)."""
SMALLEST_RSA = 2048
_FORM = "write domain:selector:/path/to/key.pem, several separated by commas"
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9])?")
_BLANKS = re.compile(rb"[ \t]+")
_FOLDS = re.compile(rb"\r\n(?=[ \t])")

PrivateKey = RSAPrivateKey | Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class DkimKey:
    """The private key of a domain. Its public key is in the DNS, at `<selector>._domainkey.<domain>`."""

    domain: str
    selector: str
    private: PrivateKey

    @property
    def algorithm(self) -> str:
        return "rsa-sha256" if isinstance(self.private, RSAPrivateKey) else "ed25519-sha256"

    @property
    def record_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The text of the TXT record that verifiers need."""
        return f"v=DKIM1; k={self.kind}; p={base64.b64encode(self.public_forms[0]).decode()}"

    @property
    def kind(self) -> str:
        return self.algorithm.partition("-")[0]

    @property
    def public_forms(self) -> tuple[bytes, ...]:
        """The public key in each form that verifiers accept in `p=`, the usual one first."""
        if isinstance(self.private, Ed25519PrivateKey):
            return (self.private.public_key().public_bytes_raw(),)
        forms = (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)
        return tuple(self.private.public_key().public_bytes(Encoding.DER, form) for form in forms)

    def signature(self, text: bytes) -> bytes:
        """Ed25519 signs the text's digest (RFC 8463, 3)."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(text, PKCS1v15(), SHA256())
        return self.private.sign(hashlib.sha256(text).digest())


@dataclass(frozen=True, slots=True)
class DkimKeys:
    """The keys by domain. Messages of other domains are not signed."""

    by_domain: Mapping[str, DkimKey] = field(default_factory=dict)

    def sign(self, domain: str, message: bytes, now: datetime) -> bytes:
        """The message, signed if there is a key for this domain, which is that of its From."""
        key = self.by_domain.get(domain.lower())
        return _header(key, message, now) + message if key else message


def read_keys(entries: Sequence[str]) -> DkimKeys:
    """The keys of entries like `example.org:mail:/etc/plaudit/example.org.pem`. Raises ValueError with a message for
    operators."""
    found: dict[str, DkimKey] = {}
    for entry in entries:
        domain, _, rest = entry.partition(":")
        selector, _, path = rest.partition(":")
        domain, selector = domain.strip().lower(), selector.strip().lower()
        if not (_NAME.fullmatch(domain) and _NAME.fullmatch(selector) and path.strip()):
            raise ValueError(f"has the entry {entry!r}; {_FORM}")
        if domain in found:
            raise ValueError(f"has two keys for {domain}; leave one")
        found[domain] = DkimKey(domain, selector, _read(Path(path.strip())))
    return DkimKeys(found)


def _read(path: Path) -> PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise ValueError(f"has a key that cannot be read: {path}: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(f"has a file that is not a private key in PEM without a password: {path}; {_MAKE}") from error
    if isinstance(key, Ed25519PrivateKey):
        return key
    if not isinstance(key, RSAPrivateKey) or key.key_size < SMALLEST_RSA:
        raise ValueError(f"has a key that is neither RSA with {SMALLEST_RSA} bits or more nor Ed25519: {path}; {_MAKE}")
    return key


_MAKE = "make one with: openssl genrsa -out key.pem 2048"


def _header(key: DkimKey, message: bytes, now: datetime) -> bytes:
    head, _, body = message.partition(b"\r\n\r\n")
    present = dict(_fields(head))
    names = [name for name in SIGNED if name in present]
    listed = ":".join([*names, *SIGNED_TWICE])
    digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
    tags = (
        f"v=1; a={key.algorithm}; c=relaxed/relaxed; d={key.domain}; s={key.selector}; t={int(now.timestamp())};\r\n"
        f" h={listed};\r\n bh={digest};\r\n b="
    )
    own = b"dkim-signature:" + _relaxed_value(f" {tags}".encode())
    text = b"".join(present[name] + b"\r\n" for name in names) + own
    signature = base64.b64encode(key.signature(text)).decode()
    folded = "\r\n ".join(signature[at : at + 72] for at in range(0, len(signature), 72))
    return f"DKIM-Signature: {tags}{folded}\r\n".encode()


def _fields(head: bytes) -> Iterator[tuple[str, bytes]]:
    """The name and relaxed form of every header (RFC 6376, 3.4.2); ours occur once each."""
    for line in _FOLDS.sub(b"", head).split(b"\r\n"):
        name, _, value = line.partition(b":")
        lower = name.strip().lower()
        yield lower.decode("ascii"), lower + b":" + _relaxed_value(value)


def _relaxed_value(value: bytes) -> bytes:
    return _BLANKS.sub(b" ", _FOLDS.sub(b"", value)).strip()


def relaxed_body(body: bytes) -> bytes:
    """The relaxed form of a body (RFC 6376, 3.4.4)."""
    lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
