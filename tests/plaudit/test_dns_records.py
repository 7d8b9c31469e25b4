"""The rules on DNS records of senders: each says what is wrong, and which record to create."""

import base64
from collections.abc import Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from delivery.dkim import DkimKey
from plaudit.dns_records import Answer, dmarc_places, dmarc_records, is_reserved, of_dkim, of_dmarc, of_mx, of_spf

D = "bakery.example.com"
RSA = rsa.generate_private_key(65537, 2048)
KEYS = {"rsa": DkimKey(D, "s1", RSA), "ed25519": DkimKey(D, "s1", ed25519.Ed25519PrivateKey.generate())}
SPKI = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PKCS1 = RSA.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)


def says(expected: str | None, sentence: str | None) -> bool:
    return sentence is None if expected is None else expected in (sentence or "")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], "has no SPF record"),
        ([b"v=spf10 -all", b"google-site-verification=1"], "has no SPF record"),
        ([b"v=spf1"], None),
        ([b"V=SPF1 a -ALL", b"v=spf2.0/pra a"], None),
        ([b"v=spf1 a -all", b"v=spf1 mx -all"], "has 2 SPF records"),
        ([b"v=spf1 a +all"], "allows everyone"),
        ([b"v=spf1 a all"], "allows everyone"),
        ([b"v=spf1 a ALL  exp=x.example"], "allows everyone"),
        ([b"v=spf1 a ~all +all"], None),
        ([b"v=spf1 a ?all"], None),
        ([b"v=spf1 include:all +a:all"], None),
    ],
)
def test_a_domain_needs_one_spf_record_that_does_not_allow_everyone(
    records: Sequence[bytes], expected: str | None
) -> None:
    assert says(expected, of_spf(D, Answer(records)))


def test_a_missing_spf_record_is_written_out() -> None:
    assert f'{D}. TXT "v=spf1 include:' in (of_spf(D, Answer()) or "")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], f"{D}. MX 10 mail.{D}."),
        ([b"."], "has a null MX record"),
        ([b"mail.example.com."], None),
        ([b".", b"mail.example.com."], None),
    ],
)
def test_a_domain_needs_a_host_that_receives_its_mail(records: Sequence[bytes], expected: str | None) -> None:
    assert says(expected, of_mx(D, Answer(records)))


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], f'_dmarc.{D}. TXT "v=DMARC1; p=none'),
        ([b"v=spf1 -all", b"v=DMARC10; p=none", b"p=none; v=DMARC1"], "has no DMARC record"),
        ([b"v=DMARC1; p=none"], None),
        ([b"v = DMARC1 ;p=QUARANTINE;sp=none"], None),
        ([b"v=DMARC1; p=reject;", b"other"], None),
        ([b"v=DMARC1;p=none", b"v=DMARC1;p=reject"], "has 2 DMARC records"),
        ([b"v=DMARC1"], "unknown policy p=."),
        ([b"v=DMARC1; p=block"], "unknown policy p=block."),
        ([b"v=DMARC1; p=\x1b[2J\xff" + b"x" * 60], "unknown policy p=?[2J?" + "x" * 35 + "..."),
    ],
)
def test_a_domain_needs_one_dmarc_record_with_a_policy(records: Sequence[bytes], expected: str | None) -> None:
    assert says(expected, of_dmarc(D, D, Answer(records)))


@pytest.mark.parametrize(
    ("domain", "places"),
    [
        ("example.org", ["example.org"]),
        ("a.b.example.org", ["a.b.example.org", "b.example.org", "example.org"]),
        ("shop.bakery.co.uk", ["shop.bakery.co.uk", "bakery.co.uk"]),
        ("shop.bakery.gov", ["shop.bakery.gov", "bakery.gov"]),
        ("mail.co.org", ["mail.co.org", "co.org"]),
    ],
)
def test_a_parent_can_have_the_dmarc_record_but_not_a_public_suffix(domain: str, places: list[str]) -> None:
    assert dmarc_places(domain) == places


def test_of_a_name_with_many_labels_only_the_last_are_asked() -> None:
    assert len(dmarc_places(".".join("a" * 60) + ".example.org")) == 7


@pytest.mark.parametrize("kind", KEYS)
def test_the_record_that_is_to_be_created_is_right(kind: str) -> None:
    missing = of_dkim(KEYS[kind], Answer()) or ""
    assert "no DKIM record" in missing
    assert f"s1._domainkey.{D}. TXT" in missing
    assert of_dkim(KEYS[kind], Answer([missing.split('"')[1].encode()])) is None


def record(public: bytes, before: str = "v=DKIM1; k=rsa; ") -> bytes:
    return f"{before}p={base64.b64encode(public).decode()}".encode()


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([b"v=spf1 -all", b"v=DKIM2; p=x"], "no DKIM record"),
        ([record(SPKI, "")], None),
        ([record(PKCS1)], None),
        ([record(SPKI)[:60] + b" \t " + record(SPKI)[60:] + b" ; t=s"], None),
        ([record(PKCS1).rstrip(b"=")], None),
        ([record(SPKI, "k=ed25519; ")], "another public key"),
        ([record(SPKI[:-1])], "another public key"),
        ([b"v=DKIM1; p=\xff!"], "another public key"),
        ([b"v=DKIM1; p= "], "is revoked"),
        ([record(SPKI), record(SPKI)], "has 2 DKIM records"),
    ],
)
def test_the_record_of_a_key_must_have_its_public_key(records: Sequence[bytes], expected: str | None) -> None:
    assert says(expected, of_dkim(KEYS["rsa"], Answer(records)))


@pytest.mark.parametrize(
    "domain", ["bakery.example", "example.com", "a.example.org", "x.test", "localhost", "b.invalid"]
)
def test_names_for_documentation_and_trials_are_reserved(domain: str) -> None:
    assert is_reserved(domain)


@pytest.mark.parametrize("domain", ["myexample.com", "example.com.de", "test.de", "latest", "example.co"])
def test_other_names_are_not_reserved(domain: str) -> None:
    assert not is_reserved(domain)


BEGINNINGS = st.sampled_from(
    [b"", b"v=spf1 ", b"v=DMARC1;", b"v=DMARC1; p=", b"v=DKIM1; p=", b"v=DKIM1; k=\xff; p=", b"p="]
)
TEXTS = st.builds(bytes.__add__, BEGINNINGS, st.binary(max_size=60)) | st.builds(
    lambda start, part, times: start + part * times, BEGINNINGS, st.binary(max_size=8), st.integers(0, 8000)
)


@given(st.lists(TEXTS, max_size=4))
def test_no_record_however_odd_raises_or_prints_control_characters(records: list[bytes]) -> None:
    answer = Answer(records)
    for sentence in (of_spf(D, answer), of_mx(D, answer), of_dmarc(D, D, answer), of_dkim(KEYS["rsa"], answer)):
        assert sentence is None or (sentence.isprintable() and sentence.isascii())
    assert len(dmarc_records(answer)) <= len(records)
