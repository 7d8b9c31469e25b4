"""Applies one account with its boosts, clients, members and locations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import models
from models.commands import agency_clients
from models.connection import execute, fetch
from models.rules.enums import AccountKind, Role
from provisioning.changes import Changes
from provisioning.document import Path
from provisioning.file import Account, ApplyFile, Member
from provisioning.identity import account_of
from provisioning.locations import LocationChanges


class AccountChanges:
    """Applies the parts of an account. Clients and members are applied after all accounts exist."""

    def __init__(self, changes: Changes, file: ApplyFile) -> None:
        self.changes, self.tx, self.file = changes, changes.tx, file

    async def account(self, path: Path, wanted: Account) -> models.Account:
        there = await account_of(self.changes, path, wanted, self.file)
        if there and there.kind != wanted.kind:
            self.changes.wrong(
                (*path, "kind"), f"{wanted.key} is of kind {there.kind}, and the kind of an account cannot be changed."
            )
        if there and there.anchor_day != wanted.anchor_day:
            words = (
                f"the anchor day of {wanted.key} is {there.anchor_day} and cannot be changed, since usage is counted by "
                "billing cycle."
            )
            self.changes.wrong((*path, "anchorDay"), words)
        row = await self.changes.put(
            models.Account,
            f"account {wanted.key}",
            {"key": wanted.key},
            {
                "name": wanted.name,
                "plan": wanted.plan,
                "time_zone": wanted.time_zone,
                "country": wanted.country,
                "language": wanted.language,
                "overrides": wanted.override_figures,
                "open_tracking": wanted.open_tracking,
            },
            {"kind": wanted.kind, "anchor_day": wanted.anchor_day, "created_at": self.changes.now},
        )
        for boost in wanted.boosts:
            where = {"account_id": row.id, "key": boost.key}
            values = {"cycle_starts_on": boost.cycle_starts_on, "invitations": boost.invitations}
            await self.changes.put(models.Boost, f"account {wanted.key}, boost {boost.key}", where, values, {})
        return row

    async def clients(self, path: Path, agency: models.Account, wanted: Account) -> None:
        for index, key in enumerate(wanted.clients):
            here: Path = (*path, "clients", index)
            client = await models.Account.filter(key=key).using_db(self.tx).first()
            if client is None:
                self.changes.wrong(
                    here, f"no account has the key {key}, here or in the database; add it under accounts."
                )
            elif client.kind is not AccountKind.AGENCY_CLIENT:
                self.changes.wrong(here, f"{key} is of kind {client.kind}; only an AGENCY_CLIENT can be a client.")
            elif client.agency_id not in (None, agency.id):
                self.changes.wrong(here, f"{key} is a client of another agency.")
            elif client.agency_id is None:
                self.changes.say(f"account {wanted.key}: client {key} added")
                client.agency_id = agency.id
                await client.save(using_db=self.tx, update_fields=["agency_id"])
                await agency_clients.join(self.tx, client.id, self.changes.now)
        if wanted.kind is AccountKind.AGENCY:
            there = await models.Account.filter(agency_id=agency.id).using_db(self.tx).values_list("key", flat=True)
            self.changes.leave(f"account {wanted.key}", "client", there, wanted.clients)

    # Members

    async def members(self, path: Path, account: models.Account, wanted: Account, members: Sequence[Member]) -> None:
        """Sets the members to exactly those in the file; all others lose access."""
        if not wanted.without_owner and not any(member.role is Role.OWNER for member in members):
            await self._keep_an_owner((*path, "members"), account, wanted)
        kept = set()
        for index, member in enumerate(members):
            user = await self.changes.put(
                models.User,
                f"person {member.subject}",
                {"issuer": member.issuer, "subject": member.subject},
                {"name": member.name, "email": member.email},
                {},
            )
            kept.add(user.id)
            await self._membership((*path, "members", index), account, wanted, member, user)
        gone = (
            await models.Membership.filter(account_id=account.id)
            .exclude(user_id__in=kept or [account.id])
            .using_db(self.tx)
        )
        for one in gone:
            person = await models.User.get(id=one.user_id, using_db=self.tx)
            self.changes.say(f"account {wanted.key}: member {person.name} ({person.subject}) removed")
            await one.delete(using_db=self.tx)

    async def _keep_an_owner(self, path: Path, account: models.Account, wanted: Account) -> None:
        owners = models.Membership.filter(account_id=account.id, role=Role.OWNER).using_db(self.tx)
        users = await models.User.filter(id__in=await owners.values_list("user_id", flat=True)).using_db(self.tx)
        if users:
            last = ", ".join(sorted(f"{user.name} ({user.subject})" for user in users))
            words = f"this would leave {wanted.key} without an OWNER; so far it has {last}. "
            self.changes.wrong(path, words + "Name an OWNER, or add withoutOwner: true to the account.")

    async def _membership(
        self, path: Path, account: models.Account, wanted: Account, member: Member, user: models.User
    ) -> None:
        what = f"account {wanted.key}, member {member.subject}"
        row = await self.changes.put(
            models.Membership,
            what,
            {"account_id": account.id, "user_id": user.id},
            {"role": member.role, "all_locations": member.locations is None, "all_clients": member.clients is None},
            {"created_at": self.changes.now},
        )
        places = await models.Location.filter(account_id=account.id).using_db(self.tx).values_list("key", "id")
        clients = await models.Account.filter(agency_id=account.id).using_db(self.tx).values_list("key", "id")
        await self._only((*path, "locations"), what, "location", row.id, member.locations or [], dict(places))
        await self._only((*path, "clients"), what, "client", row.id, member.clients or [], dict(clients))

    async def _only(
        self, path: Path, what: str, kind: str, membership: UUID, keys: Sequence[str], known: dict[Any, Any]
    ) -> None:
        """The locations or clients that a membership is limited to."""
        for index, key in enumerate(keys):
            if key not in known:
                self.changes.wrong(
                    (*path, index), f"this account has no {kind} {key}; it has: {', '.join(sorted(known)) or 'none'}."
                )
        column, table = (
            ("location_id", "membership_location") if kind == "location" else ("account_id", "membership_client")
        )
        wanted = {known[key] for key in keys if key in known}
        rows = await fetch(self.tx, f"select {column} as id from {table} where membership_id = $1", membership)
        if {row["id"] for row in rows} != wanted:
            self.changes.say(f"{what}: {kind}s {', '.join(keys) or 'all'}")
            await execute(self.tx, f"delete from {table} where membership_id = $1", membership)
            await execute(
                self.tx,
                f"insert into {table} (membership_id, {column}) select $1, unnest($2::uuid[])",
                membership,
                list(wanted),
            )

    # Locations

    async def locations(self, path: Path, account: models.Account, wanted: Account) -> None:
        for location in wanted.locations:
            await LocationChanges(self.changes, account, wanted, location).run()
        there = await models.Location.filter(account_id=account.id).using_db(self.tx).values_list("key", flat=True)
        self.changes.leave(f"account {wanted.key}", "location", there, [location.key for location in wanted.locations])
        limit = wanted.facts.locations
        if limit is not None and len(there) > limit:
            words = f"the plan {wanted.plan} allows {_locations(limit)}; with those in the database there would be {len(there)}."
            self.changes.wrong((*path, "plan"), words)


def _locations(number: int) -> str:
    return "1 location" if number == 1 else f"{number} locations"
