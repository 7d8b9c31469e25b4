"""The demo's folder is private and holds one demo at a time."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from plaudit.demo_folder import DemoState, alone, make_private, write_private
from plaudit.postgres import PostgresError


@pytest.fixture(autouse=True)
def default_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_a_new_folder_and_a_demos_folder_become_private(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    make_private(folder)
    assert mode(folder) == 0o700
    DemoState().write(folder)
    folder.chmod(0o755)
    make_private(folder)
    assert mode(folder) == 0o700


def test_a_folder_with_other_things_in_it_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "notes").touch()
    tmp_path.chmod(0o755)
    for _ in range(2):
        make_private(tmp_path)
        DemoState().write(tmp_path)
        assert mode(tmp_path) == 0o755


def test_a_shared_sticky_folder_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    make_private(tmp_path)
    assert mode(tmp_path) == 0o1777


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_postgresqls_user_can_enter_a_folder_that_holds_the_cluster(tmp_path: Path) -> None:
    (tmp_path / "postgres.location").write_text(str(tmp_path.resolve() / "postgres"))
    make_private(tmp_path)
    assert mode(tmp_path) == 0o711


def test_a_file_is_private_and_complete(tmp_path: Path) -> None:
    for text in ("long text", "short"):
        write_private(tmp_path / "folder" / "tokens.env", text)
        assert (tmp_path / "folder" / "tokens.env").read_text() == text
        assert mode(tmp_path / "folder" / "tokens.env") == 0o600
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["tokens.env"]


def test_state_is_read_back_even_if_written_without_a_mail_password(tmp_path: Path) -> None:
    state = DemoState(mail_port=2525, seeded=True)
    state.write(tmp_path)
    assert DemoState.read(tmp_path) == state
    (tmp_path / "demo.json").write_text('{"secret": "a", "jwt_secret": "b", "mail_port": 1, "seeded": true}')
    older = DemoState.read(tmp_path)
    assert (older.secret, older.seeded, len(older.mail_password)) == ("a", True, 64)


def test_two_demos_have_different_secrets() -> None:
    one, two = DemoState(), DemoState()
    assert len({one.secret, one.jwt_secret, one.mail_password, two.secret, two.jwt_secret, two.mail_password}) == 6


def test_a_folder_has_one_demo_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(PostgresError, match="--data-dir"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass
