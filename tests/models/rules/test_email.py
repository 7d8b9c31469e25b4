"""E-mail addresses: which are accepted, how they are stored, and why others are refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.email import LONGEST_EMAIL, normalize_email
from models.rules.errors import InvalidEmail


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        (" Ann.O'Neil+shop@Example.ORG\n", "ann.o'neil+shop@example.org"),
        ("\u00a0\u200bann@example.org\u200b\ufeff \n", "ann@example.org"),
        ("\u202aann@example.org\u202c", "ann@example.org"),
        ("\u2068ann@example.org\u2069\x0b", "ann@example.org"),
        ("ann@müller.de", "ann@xn--mller-kva.de"),
        ("ann@MÜLLER.de", "ann@xn--mller-kva.de"),
        ("ann@mu\u0308ller.de", "ann@xn--mller-kva.de"),
        ("ann@faß.de", "ann@xn--fa-hia.de"),
        ("info@пример.рф", "info@xn--e1afmkfd.xn--p1ai"),
        ("info@xn--e1afmkfd.xn--p1ai", "info@xn--e1afmkfd.xn--p1ai"),
        ("info@почта.рф", "info@xn--80a1acny.xn--p1ai"),
        ("info@例子.中国", "info@xn--fsqu00a.xn--fiqs8s"),
        ("info@مثال.السعودية", "info@xn--mgbh0fb.xn--mgberp4a5d4ar"),
        ("info@XN--80A1ACNY.XN--P1AI", "info@xn--80a1acny.xn--p1ai"),
        ("ann@example。com", "ann@example.com"),
        ("ann@xn--ls8h.la", "ann@xn--ls8h.la"),
        ("ann@例え。テスト", "ann@xn--r8jz45g.xn--zckzah"),
        ("a@b.co", "a@b.co"),
        (f"{'x' * 64}@example.org", f"{'x' * 64}@example.org"),
        (f"ann@{'x' * 63}.org", f"ann@{'x' * 63}.org"),
    ],
)
def test_an_address_is_stored_in_lower_case_and_ascii(text: str, stored: str) -> None:
    assert normalize_email(text) == stored


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "An e-mail address has an @, as in ann@example.com."),
        ("ann", "An e-mail address has an @, as in ann@example.com."),
        ("ann＠example.org", "Write @ instead of ＠."),
        ("@example.org", "Something is missing before the @; write it as in ann@example.com."),
        ("ann@", "Something is missing after the @; write it as in ann@example.com."),
        ("ann@@example.org", "An e-mail address has only one @, as in ann@example.com."),
        ("ann@@web,example", "An e-mail address has only one @, as in ann@example.com."),
        ("ann@example.org; ben@example.org", "Give one e-mail address, not several."),
        ("ann@web,de", "“web,de” contains “,”, which a domain cannot; write web.de."),
        ("ann@example.org;", "“example.org;” contains “;”, which a domain cannot; write example.org."),
        ("ann@,", "“,” contains “,”, which a domain cannot; write it as in example.com."),
        ("ann@.com", "The domain “.com” has an extra dot, or a part is missing; write it as in example.com."),
        ("ann@example.org\nben@example.org", "Give one e-mail address, not several."),
        ("ann@example.org\nprivate", "An e-mail address has no spaces, as in ann@example.com."),
        ("a nn@example.org", "An e-mail address has no spaces, as in ann@example.com."),
        ("ann@exa\u00a0mple.org", "An e-mail address has no spaces, as in ann@example.com."),
        ("ann\u200b@example.org", "This address has an invisible character (U+200B); enter it again without it."),
        ("ann\x00@example.org", "This address has an invisible character (U+0000); enter it again without it."),
        (
            "Ann <ann@example.org>",
            "Give the address alone, without a name, brackets or “mailto:”, as in ann@example.com.",
        ),
        (
            "mailto:ann@example.org",
            "Give the address alone, without a name, brackets or “mailto:”, as in ann@example.com.",
        ),
        (
            "jörg@example.org",
            "Only ASCII letters can stand before the @, and not “ö”; give another address of this person.",
        ),
        ("a(n)n@example.org", "“(” is not allowed before the @; write it as in ann@example.com, or check the address."),
        (
            "ann.@example.org",
            "Before the @, a dot cannot come first, last or twice in a row; leave out the extra dot, or check the address.",
        ),
        (
            "an..n@example.org",
            "Before the @, a dot cannot come first, last or twice in a row; leave out the extra dot, or check the address.",
        ),
        (f"{'x' * 65}@example.org", "At most 64 characters can stand before the @; check the address."),
        ("ann@example", "The domain “example” has no ending; write all of it, as in example.com."),
        ("ann@example.c", "The domain's ending “.c” is too short; check it, as in .com."),
        ("ann@example.123", "“.123” is not a top-level domain; check the ending."),
        ("ann@example..org", "The domain “example..org” has an extra dot, or a part is missing; write example.org."),
        ("ann@example.org.", "The domain “example.org.” has an extra dot, or a part is missing; write example.org."),
        ("ann@exa_mple.org", "“exa_mple.org” contains “_”, which a domain cannot; write it as in example.com."),
        ("ann@-example.org", "No part of a domain begins or ends with a hyphen, as in “-example.org”; leave it out."),
        ("ann@192.0.2.1", "Write a domain, as in example.com, and not an IP address."),
        ("ann@рф", "The domain “рф” has no ending; write all of it, as in example.com."),
        ("ann@почта.cmo", "“.cmo” is not a top-level domain; did you mean почта.com?"),
        ("ann@почта..рф", "The domain “почта..рф” has an extra dot, or a part is missing; write почта.рф."),
        ("ann@почта.рф.", "The domain “почта.рф.” has an extra dot, or a part is missing; write почта.рф."),
        ("ann@по_чта.рф", "“по_чта.рф” contains “_”, which a domain cannot; write it as in example.com."),
        ("ann@-почта.рф", "No part of a domain begins or ends with a hyphen, as in “-почта.рф”; leave it out."),
        (f"ann@{'п' * 60}.рф", "A domain has at most 253 characters, and 63 between two dots."),
        (
            "ann@xn--zz.com",
            "“xn--zz” is not a valid internationalized name; write the domain as people read it, as in müller.de.",
        ),
        (
            "ann@example.xn--abc",
            "“xn--abc” is not a valid internationalized name; write the domain as people read it, as in müller.de.",
        ),
        (
            "jörg@почта.рф",
            "Only ASCII letters can stand before the @, and not “ö”; give another address of this person.",
        ),
        ("ann@☃.com", "“☃.com” is not a valid domain; check its spelling."),
        (f"ann@{'x' * 64}.org", "A domain has at most 253 characters, and 63 between two dots."),
        (f"ann@{'x.' * 126}org", "A domain has at most 253 characters, and 63 between two dots."),
        (f"{'x' * 64}@{'x.' * 120}org", "An e-mail address has at most 254 characters."),
    ],
)
def test_a_refusal_explains_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(InvalidEmail) as refused:
        normalize_email(text)
    assert (refused.value.message, refused.value.field) == (sentence, ["email"])


@given(st.one_of(st.text(), st.from_regex(r".{0,20}@.{0,30}"), st.emails()))
def test_any_accepted_address_is_short_ascii_and_normalized(text: str) -> None:
    try:
        stored = normalize_email(text)
    except InvalidEmail:
        return
    assert re.fullmatch(r"[!-~]+@[a-z0-9.-]+", stored)
    assert len(stored) <= LONGEST_EMAIL
    assert normalize_email(stored) == stored
