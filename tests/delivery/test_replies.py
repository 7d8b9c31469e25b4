"""What replies of common relays are about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.replies import About, Phase, about, without_addresses

SESSION, RELAY, SENDER, MESSAGE, PERSON = About
MAIL, RCPT, DATA, BODY = Phase

# Phase, reply, what it is about. The wording is that of the servers and providers named.
REPLIES = {
    "this session": [
        (MAIL, "421 4.3.2 Service shutting down", SESSION),
        (MAIL, "421 4.7.0 Too many messages in this session", SESSION),
        (MAIL, "421 Too many messages (100) for this connection", SESSION),
        (RCPT, "421 4.4.2 mx.example.com Error: timeout exceeded", SESSION),
        (RCPT, "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail", SESSION),
        (DATA, "421 4.3.0 Temporary System Problem. Try again later", SESSION),
        (BODY, "421 4.7.0 IP not in whitelist for RCPT domain, closing connection", SESSION),
        (MAIL, "503 5.5.1 nested MAIL command", SESSION),
        (RCPT, "503 5.5.1 Error: need MAIL command", SESSION),
        (DATA, "503 Bad sequence of commands", SESSION),
        (MAIL, "452 4.5.3 Too many messages in this session", SESSION),
        (MAIL, "451 Too many messages for this connection, reconnect", SESSION),
        (RCPT, "452 4.5.3 Error: too many recipients", SESSION),
        (RCPT, "452 too many recipients received this hour", SESSION),
    ],
    "the relay or our login": [
        (MAIL, "530 5.7.0 Must issue a STARTTLS command first", RELAY),
        (MAIL, "530 5.7.1 Authentication required", RELAY),
        (MAIL, "530 5.7.57 Client not authenticated to send mail", RELAY),
        (RCPT, "530 5.7.0 Authentication Required. Learn more", RELAY),
        (MAIL, "535 5.7.8 Error: authentication failed", RELAY),
        (MAIL, "535 Authentication credentials invalid", RELAY),
        (MAIL, "534 5.7.9 Application-specific password required", RELAY),
        (MAIL, "538 5.7.11 Encryption required for requested authentication mechanism", RELAY),
        (MAIL, "454 4.7.0 TLS not available due to local problem", RELAY),
        (RCPT, "454 4.7.1 Temporary authentication failure", RELAY),
    ],
    "the sender, at MAIL": [
        (MAIL, "550 5.1.8 Sender address rejected: Domain not found", SENDER),
        (MAIL, "550 5.7.1 Sender address rejected: not owned by user shop", SENDER),
        (MAIL, "553 5.7.1 Sender address rejected: not logged in", SENDER),
        (MAIL, "553 5.1.7 The sender address is not valid", SENDER),
        (MAIL, "550 5.4.5 Daily user sending limit exceeded", SENDER),
        (MAIL, "550 5.7.60 Client does not have permissions to send as this sender", SENDER),
        (MAIL, "554 5.7.1 Service unavailable; Client host blocked using zen.spamhaus.org", SENDER),
        (MAIL, "552 5.3.4 Message size exceeds fixed limit", SENDER),
        (MAIL, "552 Message size exceeds maximum permitted", SENDER),
        (MAIL, "450 4.1.8 Sender address rejected: Domain not found", SENDER),
        (MAIL, "451 4.3.0 Temporary lookup failure", SENDER),
        (MAIL, "452 4.3.1 Insufficient system storage", SENDER),
        (MAIL, "501 5.1.7 Bad sender address syntax", SENDER),
        (MAIL, "554 Message rejected: Email address is not verified", SENDER),
        (MAIL, "550 Unrouteable sender domain", SENDER),
        (MAIL, "501 Syntax error in parameters", SENDER),
        (MAIL, "555 5.5.4 Unsupported option: SIZE", SENDER),
        (MAIL, "500 Command unrecognized", SENDER),
    ],
    "the sender's policy, quota or reputation, at RCPT": [
        (RCPT, "554 5.7.1 Relay access denied", SENDER),
        (RCPT, "554 5.7.1 <ann@example.org>: Relay access denied", SENDER),
        (RCPT, "550 5.7.1 Unable to relay", SENDER),
        (RCPT, "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", SENDER),
        (RCPT, "550 Relaying denied", SENDER),
        (RCPT, "550 relay not permitted", SENDER),
        (RCPT, "551 relaying to this address is prohibited by administrator", SENDER),
        (RCPT, "553 sorry, that domain isn't in my list of allowed rcpthosts; relay denied", SENDER),
        (RCPT, "550 5.4.5 Daily sending quota exceeded", SENDER),
        (RCPT, "550 5.4.6 Unusual sending rate detected", SENDER),
        (RCPT, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", SENDER),
        (RCPT, "550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus", SENDER),
        (RCPT, "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", SENDER),
        (RCPT, "550 5.7.511 Access denied, banned sender", SENDER),
        (RCPT, "550 SC-001 (BAY004) Unfortunately, messages from 192.0.2.1 weren't sent: IP on our block list", SENDER),
        (RCPT, "550 5.7.25 The IP address sending this message does not have a PTR record", SENDER),
        (RCPT, "550 5.7.26 This mail has been blocked because the sender is unauthenticated", SENDER),
        (RCPT, "550 5.7.1 SPF check failed", SENDER),
        (RCPT, "550 SPF: 192.0.2.1 is not allowed to send mail from example.com", SENDER),
        (RCPT, "504 5.5.2 <shop>: Helo command rejected: need fully-qualified hostname", SENDER),
        (RCPT, "550 5.7.1 Client host rejected: cannot find your reverse hostname", SENDER),
        (RCPT, "550 Reverse DNS lookup failed for host 192.0.2.1", SENDER),
        (
            RCPT,
            "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation",
            SENDER,
        ),
        (RCPT, "550 5.7.1 Recipient address rejected: Blocked by policy", SENDER),
        (RCPT, "550 5.7.1 Recipient not authorized, your IP has been found on a block list", SENDER),
        (RCPT, "554 5.7.1 rejected by policy", SENDER),
        (RCPT, "550 Administrative prohibition: policy violation", SENDER),
        (RCPT, "550 Blacklisted URL in message", SENDER),
        (RCPT, "554 Denied (Mode: normal)", SENDER),
        (RCPT, "550 5.7.350 Remote server returned message detected as spam", SENDER),
        (RCPT, "550 Sender verify failed", SENDER),
        (RCPT, "550 5.1.8 Access denied, bad outbound sender", SENDER),
        (RCPT, "550 5.1.7 Invalid address of the sender", SENDER),
        (RCPT, "554 5.3.0 Mail server configuration error", SENDER),
        (RCPT, "550 5.3.2 System not accepting network messages", SENDER),
        (RCPT, "571 Delivery not authorized, message refused: rate limit", SENDER),
        (RCPT, "554 refused", SENDER),
        (RCPT, "502 5.5.1 Command not implemented", SENDER),
    ],
    "the sender's policy, quota or reputation, after the text": [
        (BODY, "550 5.7.1 Our system has detected that this message is likely unsolicited mail", SENDER),
        (BODY, "550 5.7.26 Unauthenticated email from example.com is not accepted due to DMARC policy", SENDER),
        (BODY, "554 5.7.1 Message rejected as spam by Content Filtering", SENDER),
        (BODY, "554 5.7.0 Message Size Violation or virus", SENDER),
        (BODY, "550 5.7.520 Access denied, Your organization does not allow external forwarding", SENDER),
        (BODY, "550 High probability of spam", SENDER),
        (BODY, "554 rejected due to spam content", SENDER),
        (BODY, "554 Transaction failed", SENDER),
        (BODY, "550 5.4.5 Daily sending quota exceeded", SENDER),
        (BODY, "552 5.7.0 This message was blocked because its content presents a potential security issue", SENDER),
        (BODY, "550 Message contained unsafe content (virus)", SENDER),
        (BODY, "554 5.6.0 Message contains invalid header", MESSAGE),
        (BODY, "550 DKIM signature is not valid", SENDER),
        (BODY, "550 5.3.0 Rejected by the filter", SENDER),
        (DATA, "554 no valid recipients", SENDER),
        (DATA, "554 5.5.1 Error: no valid recipients", SENDER),
        (DATA, "550 5.7.1 Message refused", SENDER),
        (DATA, "550 Administrative prohibition", SENDER),
        (DATA, "502 Command not implemented", SENDER),
    ],
    "this message, later": [
        (RCPT, "450 4.2.0 Greylisted, see http://postgrey.example/help", MESSAGE),
        (RCPT, "451 4.7.1 Greylisting in action, please come back later", MESSAGE),
        (RCPT, "450 4.7.1 Recipient address rejected: Greylisted for 5 minutes", MESSAGE),
        (RCPT, "451 4.7.500 Server busy. Please try again later", MESSAGE),
        (RCPT, "450 4.1.1 Recipient address rejected: unverified address", MESSAGE),
        (RCPT, "450 4.1.2 Recipient address rejected: Domain not found", MESSAGE),
        (RCPT, "450 mailbox temporarily unavailable", MESSAGE),
        (RCPT, "450 4.2.1 The user you are trying to contact is receiving mail too quickly", MESSAGE),
        (RCPT, "451 4.3.5 Server configuration problem", MESSAGE),
        (RCPT, "451 4.4.3 Temporary server error. Please try again later", MESSAGE),
        (RCPT, "451 Temporary local problem - please try later", MESSAGE),
        (RCPT, "452 4.2.2 Mailbox full", MESSAGE),
        (RCPT, "452 4.1.1 requested action aborted, try again later", MESSAGE),
        (RCPT, "452 4.3.1 Insufficient system storage", MESSAGE),
        (RCPT, "432 4.2.1 Recipient's mailbox is being migrated", MESSAGE),
        (RCPT, "471 4.7.1 Sender rate limited", MESSAGE),
        (RCPT, "450 4.7.25 Client host rejected: cannot find your hostname", MESSAGE),
        (RCPT, "552 5.2.2 The email account that you tried to reach is over quota", MESSAGE),
        (RCPT, "552 Mailbox size limit exceeded", MESSAGE),
        (RCPT, "550 5.2.2 Mailbox full", MESSAGE),
        (RCPT, "550 5.2.3 Message too large for this recipient", MESSAGE),
        (RCPT, "550 5.4.7 Delivery time expired", MESSAGE),
        (DATA, "451 4.3.0 queue file write error", MESSAGE),
        (DATA, "451 4.7.1 Service unavailable - try again later", MESSAGE),
        (DATA, "452 4.3.1 Insufficient system resources", MESSAGE),
        (DATA, "454 4.7.1 throttled", RELAY),
        (BODY, "450 4.2.0 try again later", MESSAGE),
        (BODY, "451 4.7.650 The mail server has been temporarily rate limited", MESSAGE),
        (BODY, "452 4.3.1 disk full", MESSAGE),
        (BODY, "454 4.7.0 Throttling failure: Maximum sending rate exceeded", MESSAGE),
        (BODY, "552 5.3.4 Message too big for system", SENDER),
        (BODY, "552 5.2.3 Message length exceeds administrative limit", MESSAGE),
        (BODY, "554 5.6.7 SMTPUTF8 is required but not offered", MESSAGE),
    ],
    "the person": [
        (RCPT, "550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown", PERSON),
        (RCPT, "550-5.1.1 The email account that you tried to reach does not exist. Please try", PERSON),
        (RCPT, "550 5.1.1 RESOLVER.ADR.RecipNotFound; not found", PERSON),
        (RCPT, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", PERSON),
        (RCPT, "550 5.1.10 Recipient address has a null MX", PERSON),
        (RCPT, "553 5.1.2 We weren't able to find the recipient domain", PERSON),
        (RCPT, "550 5.1.2 <ann@example.invalid>: Recipient address rejected: Domain not found", PERSON),
        (RCPT, "501 5.1.3 Bad recipient address syntax", PERSON),
        (RCPT, "553 5.1.3 The recipient address is not a valid RFC 5321 address", PERSON),
        (RCPT, "550 5.1.6 Mailbox has moved", PERSON),
        (RCPT, "550 5.1.0 Address rejected", PERSON),
        (RCPT, "550 5.2.1 The email account that you tried to reach is disabled", PERSON),
        (RCPT, "550 5.2.1 Mailbox unavailable", PERSON),
        (RCPT, "554 5.2.1 This mailbox has been deactivated", PERSON),
        (RCPT, "550 5.4.1 Recipient address rejected: Access denied", PERSON),
        (RCPT, "550 5.4.4 Host or domain name not found", PERSON),
        (RCPT, "550 5.7.1 Recipient address rejected: user unknown", PERSON),
        (RCPT, "550 5.0.0 User unknown", PERSON),
        (RCPT, "550 5.5.0 Requested action not taken: mailbox unavailable", PERSON),
        (RCPT, "554 5.0.0 No such user here", PERSON),
        (RCPT, "550 User unknown", PERSON),
        (RCPT, "550 No such user", PERSON),
        (RCPT, "550 No Such User Here", PERSON),
        (RCPT, "550 unknown user", PERSON),
        (RCPT, "550 Invalid recipient", PERSON),
        (RCPT, "550 mailbox unavailable", PERSON),
        (RCPT, "550 Requested action not taken: mailbox unavailable", PERSON),
        (RCPT, "550 Mailbox does not exist", PERSON),
        (RCPT, "550 Address unknown", PERSON),
        (RCPT, "550 The account is inactive", PERSON),
        (RCPT, "550 Account disabled", PERSON),
        (RCPT, "551 User not local", PERSON),
        (RCPT, "553 sorry, no mailbox here by that name", PERSON),
        (RCPT, "553 no such mailbox", PERSON),
        (RCPT, "550 Unrouteable address", PERSON),
        (RCPT, "554 delivery error: This user doesn't have an example.com account: user not found", PERSON),
        (RCPT, "550 Empfänger unbekannt", PERSON),
        (RCPT, "550 Empf\udce4nger unbekannt", PERSON),
        (RCPT, "550 Utilisateur inconnu", PERSON),
        (RCPT, "550 Nie ma takiego konta", PERSON),
        (RCPT, "550", PERSON),
        (BODY, "550 5.1.1 User unknown", PERSON),
        (BODY, "554 5.1.1 mailbox not found", PERSON),
        (BODY, "550 mailbox unavailable", PERSON),
        (BODY, "550 No such user", PERSON),
        (DATA, "550 5.1.1 No such recipient", PERSON),
        (RCPT, "550-Verification failed\n550-no such address here\n550 user unknown", PERSON),
        (RCPT, "550 " + "x" * 5000, PERSON),
    ],
}
TABLE = [one for group in REPLIES.values() for one in group]


def test_table_has_at_least_150_replies() -> None:
    assert len({(phase, reply) for phase, reply, _ in TABLE}) >= 150


@pytest.mark.parametrize(("phase", "reply", "expected"), TABLE, ids=[f"{one[0]} {one[1][:50]!a}" for one in TABLE])
def test_reply(phase: Phase, reply: str, expected: About) -> None:
    code, text = int(reply[:3]), reply[4:]
    assert about(phase, code, text) is expected


@given(st.sampled_from(Phase), st.integers(400, 499), st.text(max_size=200))
def test_temporary_reply_never_ends_a_person(phase: Phase, code: int, text: str) -> None:
    assert about(phase, code, text) is not About.PERSON


@given(st.integers(400, 599), st.text(max_size=200))
def test_nothing_at_mail_is_about_the_person(code: int, text: str) -> None:
    assert about(Phase.MAIL, code, text) not in (About.PERSON, About.MESSAGE)


def test_log_line_has_the_words_of_a_reply_without_addresses() -> None:
    reply = "550-5.7.1 <ann@example.org>: rejected,\r\n550 5.7.1 see shop@example.com"
    assert without_addresses(reply) == "550-5.7.1 (address): rejected, 550 5.7.1 see (address)"
