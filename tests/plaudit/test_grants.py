"""The privileges of the gateway's roles, compared with an independent table."""

import asyncpg
import pytest

import models
from models.connection import COMMANDS, WORK, execute, fetch, pool
from plaudit.grants import GATEWAY_ROLE, ROLES, regrant
from tests import factories as make

EXPECTED = {
    # select, insert, update, delete; lowercase for some columns only
    "public.account": "S-u-",
    "public.account_day": "SIU-",
    "public.account_usage": "SIU-",
    "public.activity_event": "SI--",
    "public.agency_client": "S-U-",
    "public.app_user": "S---",
    "public.boost": "S---",
    "public.bounce_day": "SIU-",
    "public.bulk_import": "SIu-",
    "public.customer": "SIU-",
    "public.event_verdict": "S---",
    "public.funnel_day": "SIU-",
    "public.funnel_mark": "SIU-",
    "public.idempotency_key": "SIuD",
    "public.import_row": "----",
    "public.import_row_error": "S---",
    "public.invitation": "SIu-",
    "public.lane": "SIu-",
    "public.lifted_suppression": "-I--",
    "public.location": "S-u-",
    "public.location_usage": "SIU-",
    "public.membership": "S---",
    "public.membership_client": "S---",
    "public.membership_location": "S---",
    "public.message": "SIu-",
    "public.review": "SIU-",
    "public.review_platform": "S---",
    "public.sequence_step": "S---",
    "public.sign_in_link": "----",
    "public.sign_in_request": "----",
    "public.suppression": "SIUD",
    "public.template": "S---",
    "public.test_message": "SI--",
    "public.tortoise_migrations": "----",
    "public.upload": "S-u-",
    "public.upload_piece": "----",
    "public.worker_heartbeat": "S---",
    "jobs.pgqueuer": "SI--",
    "jobs.pgqueuer_log": "-I--",
    "jobs.pgqueuer_schedules": "----",
    "jobs.pgqueuer_statistics": "----",
}
"""Every table. When you add one, decide its privileges here and in plaudit/grants.py."""

MAY = """
-- What may this role ($1) do with each table?
select n.nspname || '.' || c.relname as name, (
  select string_agg(case
      when has_table_privilege($1, c.oid, verb) then upper(left(verb, 1))
      when verb <> 'delete' and has_any_column_privilege($1, c.oid, verb) then left(verb, 1)
      else '-' end, '' order by place)
  from unnest(array['select', 'insert', 'update', 'delete']) with ordinality as v (verb, place)
) as may
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'jobs') and c.relkind in ('r', 'p', 'v', 'm', 'f')
"""


async def granted(role: str) -> dict[str, str]:
    return {row["name"]: row["may"] for row in await fetch(pool(WORK), MAY, role)}


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_has_exactly_the_expected_privileges(role: str) -> None:
    assert await granted(role) == EXPECTED


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_has_no_other_privileges(role: str) -> None:
    rare = "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    rare += "where n.nspname in ('public', 'jobs') and c.relkind = 'r' "
    rare += "and has_table_privilege($1, c.oid, 'truncate, references, trigger')"
    assert await fetch(pool(WORK), rare, role) == []


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_creates_nothing_and_has_no_members(role: str) -> None:
    found = await fetch(
        pool(WORK),
        "select rolsuper or rolcreaterole or rolcreatedb or rolcanlogin or rolreplication or rolbypassrls as much, "
        "has_schema_privilege($1, 'public', 'create') or has_schema_privilege($1, 'jobs', 'create') as makes, "
        "(select count(*) from pg_auth_members where member = r.oid) as masters from pg_roles r where rolname = $1",
        role,
    )
    assert [tuple(row) for row in found] == [(False, False, 0)]


@pytest.mark.parametrize(
    "statement",
    [
        "create table sneaked_in ()",
        "delete from lifted_suppression",
        "delete from membership",
        "update membership set role = 'OWNER'",
        "update account set plan = 'ENTERPRISE'",
        "update message set recipient = 'x@example.com'",
        "update activity_event set occurred_at = now()",
        "select * from upload_piece",
        "delete from jobs.pgqueuer",
    ],
)
async def test_the_gateway_is_refused(statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(pool(COMMANDS), statement)


async def test_a_migration_revokes_unlisted_privileges(db: str) -> None:
    connection = await asyncpg.connect(db)
    try:
        await connection.execute(f"grant all on all tables in schema public, jobs to {GATEWAY_ROLE}")
        await connection.execute(f"grant create on schema public to {GATEWAY_ROLE}")
        await regrant(connection)
        assert await granted(GATEWAY_ROLE) == EXPECTED
        assert not await connection.fetchval(f"select has_schema_privilege('{GATEWAY_ROLE}', 'public', 'create')")
    finally:
        await regrant(connection)
        await connection.close()


@pytest.mark.parametrize("statement", ["update activity_event set feedback = 'x'", "delete from activity_event"])
async def test_events_cannot_be_changed(statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="rows of activity_event are only ever added"):
        await execute(pool(WORK), statement)


async def test_removing_a_customer_removes_their_events() -> None:
    row = await models.Invitation.get(id=await make.invited(await make.location(await make.account())))
    await models.Customer.filter(id=row.customer_id).update(latest_invitation_id=None)
    await models.Message.filter(invitation_id=row.id).delete()
    await models.Invitation.filter(id=row.id).delete()
    await models.Customer.filter(id=row.customer_id).delete()
    assert await fetch(pool(WORK), "select 1 from activity_event where customer_id = $1", row.customer_id) == []
