"""The migration that gives existing templates the language of their texts."""

import asyncio
from uuid import UUID

import asyncpg

from plaudit import database
from tests.conftest import make_database
from tests.models.test_fold import migrate_to

ACCOUNT = UUID(int=1)
OLD = """
insert into account (id, key, name, kind, plan, time_zone, anchor_day, country, language, overrides, created_at)
values ($1, 'a', 'A', 'BUSINESS', 'FREE', 'Europe/Rome', 1, 'IT', 'en', '{}', now())
"""
PLACE = """
insert into location (id, account_id, key, name, time_zone, country, language, email_from_hour, email_until_hour, sms_from_hour,
  sms_until_hour, cool_down_days, answer_window_days, goals, created_at)
values ($1, $2, $3, 'L', 'Europe/Rome', 'IT', $3, 0, 24, 0, 24, 0, 30, '{}', now())
"""
TEXT = """
insert into template (id, account_id, location_id, key, version, subject, text, html, created_at)
values (gen_random_uuid(), $1, $2, $3, 1, 'x', 'x', 'x', now())
"""


async def test_existing_templates_are_in_the_locations_language_or_in_english_if_they_were_built_in(
    worker_id: str,
) -> None:
    expected = {"de": "de", "fr-CA": "fr-CA", "pl": "en", "it": "en", "en": "en"}
    url = await make_database(f"plaudit_{worker_id}_languages", "template0")
    await asyncio.create_task(migrate_to(url, "models.0010_zones_and_times_of_day"))
    connection = await asyncpg.connect(url)
    await connection.execute(OLD, ACCOUNT)
    for number, language in enumerate(expected, 2):
        await connection.execute(PLACE, UUID(int=number), ACCOUNT, language)
        for key in ("ask", "own"):
            await connection.execute(TEXT, ACCOUNT, UUID(int=number), key)
    await database.migrate(url)
    rows = await connection.fetch(
        "select l.language, max(t.language) filter (where t.key = 'ask'), max(t.language) filter (where t.key = 'own') "
        "from template t join location l on l.id = t.location_id group by 1"
    )
    await connection.close()
    assert {tuple(row) for row in rows} == {(own, built_in, own) for own, built_in in expected.items()}
