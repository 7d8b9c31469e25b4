"""Finds the account in the database for an entry of the file, by its key or its previous key."""

import models
from models.connection import fetch
from provisioning.changes import Changes
from provisioning.document import Path
from provisioning.file import Account, ApplyFile


async def account_of(changes: Changes, path: Path, wanted: Account, file: ApplyFile) -> models.Account | None:
    """Returns the account, renamed if requested, or None if it is new. A new key for an account that looks like an
    existing one is a problem, since a typo would create a second account."""
    there = await _by_key(changes, wanted.key)
    before = await _by_key(changes, wanted.previous_key) if wanted.previous_key is not None else None
    if before is not None:
        return await _renamed(changes, path, wanted, before, there)
    if there is None and not wanted.new:
        await _refuse_alike(changes, path, wanted, file)
    return there


async def _by_key(changes: Changes, key: str) -> models.Account | None:
    return await models.Account.get_or_none(key=key, using_db=changes.tx)


async def _renamed(
    changes: Changes, path: Path, wanted: Account, before: models.Account, there: models.Account | None
) -> models.Account:
    if there is not None:
        words = f"there are accounts with both keys, {before.key} and {there.key}; leave previousKey out."
        changes.wrong((*path, "previousKey"), words)
        return there
    changes.say(f"account {wanted.key}: renamed from {before.key}")
    before.key = wanted.key
    await before.save(using_db=changes.tx, update_fields=["key"])
    return before


_ALIKE = """
-- Which account not in the file looks like this one ($1 kind, $2 name, $3 keys in the file; by location: $4 name,
-- $5 sender's e-mail)?
select a.key, public.plaudit_fold(a.name) = public.plaudit_fold($2) as by_name from account a
where a.kind = $1 and a.key <> all($3::text[]) and (
  public.plaudit_fold(a.name) = public.plaudit_fold($2)
  or exists (select 1 from location l join unnest($4::text[], $5::text[]) as w (name, email)
             on w.name = l.name and w.email = l.sender_email where l.account_id = a.id)
) order by by_name desc, a.key limit 1
"""


async def _refuse_alike(changes: Changes, path: Path, wanted: Account, file: ApplyFile) -> None:
    senders = [(place.name, place.sender.email) for place in wanted.locations if place.sender]
    names, emails = [name for name, _ in senders], [email for _, email in senders]
    rows = await fetch(changes.tx, _ALIKE, str(wanted.kind), wanted.name, file.keys, names, emails)
    for row in rows:
        what = "the same name" if row["by_name"] else "a location with the same name and sender"
        words = (
            f"no account has the key {wanted.key}, but {row['key']} has {what}. If it is this account, add "
            f"previousKey: {row['key']} to rename it; if it is another one, add new: true."
        )
        changes.wrong((*path, "key"), words)
