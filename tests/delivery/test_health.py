"""What a refused connection means for the others."""

import aiosmtplib
import pytest

from delivery.health import LONGEST_LOGIN_PAUSE, LONGEST_PAUSE, REST_SECONDS, SHORTEST_PAUSE, Health

LOGIN = aiosmtplib.SMTPAuthenticationError(535, "5.7.8 authentication failed")


async def test_a_refused_login_closes_the_door_although_others_are_connecting() -> None:
    health = Health()
    async with health.attempt():
        assert health.failed(LOGIN, connected=0) >= 10
    assert health.is_down


async def test_a_refused_connection_decides_nothing_while_others_are_connecting() -> None:
    health = Health()
    async with health.attempt():
        assert health.failed(ConnectionRefusedError(), connected=0) == SHORTEST_PAUSE
        assert not health.is_down
    health.failed(ConnectionRefusedError(), connected=0)
    assert health.is_down


def test_a_connection_that_is_refused_beside_others_rests() -> None:
    health = Health()
    assert health.failed(ConnectionRefusedError(), connected=2) == REST_SECONDS
    assert not health.is_down


@pytest.mark.parametrize(
    ("error", "longest"), [(ConnectionRefusedError(), LONGEST_PAUSE), (LOGIN, LONGEST_LOGIN_PAUSE)]
)
def test_pauses_grow_up_to_a_limit_and_end_with_a_success(error: Exception, longest: float) -> None:
    health = Health()
    pauses = [health.failed(error, connected=0) for _ in range(20)]
    assert pauses[0] < pauses[3] <= longest * 1.2
    assert pauses[-1] >= longest * 0.8
    health.accepted()
    assert (health.is_down, health.pause) == (False, 0)
