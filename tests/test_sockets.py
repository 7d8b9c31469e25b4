"""No test leaves this machine."""

import socket

import pytest


def test_a_connection_to_elsewhere_fails_at_once() -> None:
    with socket.socket() as one, pytest.raises(PermissionError, match=r"tried to reach 192\.0\.2\.1"):
        one.connect(("192.0.2.1", 80))
