"""Tests cannot connect to other machines."""

import socket

import pytest


def test_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as one, pytest.raises(PermissionError, match=r"tried to reach 192\.0\.2\.1"):
        one.connect(("192.0.2.1", 80))
