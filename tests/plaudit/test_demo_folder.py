"""What the demo keeps is closed to others."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from plaudit.demo_folder import Kept, alone, make_private, write_private
from plaudit.postgres import PostgresError


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_a_new_folder_and_a_demo_s_are_closed(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    make_private(folder)
    assert mode(folder) == 0o700
    Kept().write(folder)
    folder.chmod(0o755)
    make_private(folder)
    assert mode(folder) == 0o700


def test_a_folder_with_other_things_in_it_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "notes").touch()
    tmp_path.chmod(0o755)
    for _ in range(2):
        make_private(tmp_path)
        Kept().write(tmp_path)
        assert mode(tmp_path) == 0o755


def test_a_folder_for_everybody_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    make_private(tmp_path)
    assert mode(tmp_path) == 0o1777


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another user")
def test_where_postgresql_lies_inside_its_user_may_still_pass_through(tmp_path: Path) -> None:
    (tmp_path / "postgres.location").write_text(str(tmp_path.resolve() / "postgres"))
    make_private(tmp_path)
    assert mode(tmp_path) == 0o711


def test_a_file_is_closed_and_whole(tmp_path: Path) -> None:
    for text in ("long text", "short"):
        write_private(tmp_path / "folder" / "tokens.env", text)
        assert (tmp_path / "folder" / "tokens.env").read_text() == text
        assert mode(tmp_path / "folder" / "tokens.env") == 0o600
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["tokens.env"]


def test_what_is_kept_is_read_again_also_from_before_the_mailbox_had_a_password(tmp_path: Path) -> None:
    kept = Kept(mail_port=2525, seeded=True)
    kept.write(tmp_path)
    assert Kept.read(tmp_path) == kept
    (tmp_path / "demo.json").write_text('{"secret": "a", "jwt_secret": "b", "mail_port": 1, "seeded": true}')
    older = Kept.read(tmp_path)
    assert (older.secret, older.seeded, len(older.mail_password)) == ("a", True, 64)


def test_two_demos_have_secrets_of_their_own() -> None:
    one, two = Kept(), Kept()
    assert len({one.secret, one.jwt_secret, one.mail_password, two.secret, two.jwt_secret, two.mail_password}) == 6


def test_a_folder_has_one_demo_at_a_time(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(PostgresError, match="--data-dir"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass
