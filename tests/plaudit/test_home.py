"""The page at `/` outside of the demo."""

from tests.gateway import Api


async def test_it_names_plaudit_and_nothing_about_who_runs_it(api: Api, db: str) -> None:
    answer = await api.client.get("/")
    assert answer.status_code == 200
    assert "<h1>Plaudit</h1>" in answer.text
    assert "/graphql" in answer.text
    assert not [word for word in ("127.0.0.1", "postgres", "development", "example", "tokens") if word in answer.text]


async def test_it_has_no_scripts_and_a_policy_that_forbids_them(api: Api) -> None:
    answer = await api.client.get("/")
    assert "<script" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_head_returns_no_body(api: Api) -> None:
    answer = await api.client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")
