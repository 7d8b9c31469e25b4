"""The list of planted mistakes matches the code, so that `make mutants` can plant each of them."""

from tests.mutants.planted import mutants, stale


def test_every_mistake_can_be_planted() -> None:
    assert list(stale(mutants())) == []
