"""Applies one location with its platforms, templates and sequence."""

from uuid import UUID

import models
from languages import choose
from models.commands import send_hours, zones
from provisioning.changes import Changes
from provisioning.defaults import BUILT_IN, built_in, default_sequence
from provisioning.file import Account, Location, Step, TemplateText, clock_time


class LocationChanges:
    """Applies one location and its parts."""

    def __init__(self, changes: Changes, account: models.Account, of: Account, wanted: Location) -> None:
        self.changes, self.tx, self.account, self.of, self.wanted = changes, changes.tx, account, of, wanted
        self.what = f"location {of.key}/{wanted.key}"
        self.language = wanted.language or of.language

    async def run(self) -> None:
        before = await models.Location.get_or_none(account_id=self.account.id, key=self.wanted.key, using_db=self.tx)
        row = await self._location()
        if before is not None and before.time_zone != row.time_zone:
            await zones.forget(self.tx, row)
        if before is not None and before.windows() != row.windows():
            await self._move_queued(row)
        await self._platforms(row)
        templates = await self._templates(row)
        await self._sequence(row, templates)
        await send_hours.reflag(self.tx, row.id, self.changes.now)

    async def _location(self) -> models.Location:
        wanted, sender, hours = self.wanted, self.wanted.sender, self.wanted.hours
        values = {
            "name": wanted.name,
            "time_zone": wanted.time_zone or self.of.time_zone,
            "country": wanted.country or self.of.country,
            "language": self.language,
            "postal_address": wanted.postal_address,
            "sender_name": sender.name if sender else None,
            "sender_email": sender.email if sender else None,
            "reply_to": sender.reply_to if sender else None,
            "color": wanted.color,
            "logo": wanted.logo,
            "email_from_hour": hours.email[0],
            "email_until_hour": hours.email[1],
            "sms_from_hour": hours.sms[0],
            "sms_until_hour": hours.sms[1],
            "cool_down_days": wanted.cool_down,
            "answer_window_days": wanted.answer_window,
            "goals": [str(goal) for goal in wanted.goals],
            "allowance": wanted.allowance,
        }
        where = {"account_id": self.account.id, "key": wanted.key}
        said = len(self.changes.made)
        row = await self.changes.put(models.Location, self.what, where, values, {"created_at": self.changes.now})
        if row.lacks and len(self.changes.made) > said:
            self.changes.say(f"{self.what}: sends nothing until it has a {' and a '.join(row.lacks)}")
        return row

    async def _move_queued(self, row: models.Location) -> None:
        found = await send_hours.move_queued(self.tx, row, self.changes.now)
        self.changes.say(f"{self.what}: {found.moved} of {found.queued} queued messages move into the new hours")

    async def _platforms(self, row: models.Location) -> None:
        for position, platform in enumerate(self.wanted.platforms):
            await self.changes.put(
                models.ReviewPlatform,
                f"{self.what}, platform {platform.key}",
                {"location_id": row.id, "key": platform.key},
                {"name": platform.name, "url": platform.url, "position": position, "offered": platform.offered},
                {"account_id": row.account_id},
            )
        there = await models.ReviewPlatform.filter(location_id=row.id).using_db(self.tx).values_list("key", flat=True)
        self.changes.leave(self.what, "platform", there, [platform.key for platform in self.wanted.platforms])

    @property
    def _steps(self) -> list[Step]:
        return self.wanted.sequence or default_sequence(self.of.facts.steps)

    async def _templates(self, row: models.Location) -> dict[str, UUID]:
        """Returns the newest version of each template. A changed text becomes a new version."""
        wanted = {key: (self.language, text) for key, text in self.wanted.templates.items()}
        for step in self._steps:
            if step.template in BUILT_IN and step.template not in wanted:
                wanted[step.template] = (choose([self.language]).code, built_in(step.template, self.language))
        rows = await models.Template.filter(location_id=row.id).order_by("version").using_db(self.tx)
        newest = {template.key: template for template in rows}
        return {key: await self._template(row, key, newest.get(key), *texts) for key, texts in wanted.items()}

    async def _template(
        self, row: models.Location, key: str, newest: models.Template | None, language: str, text: TemplateText
    ) -> UUID:
        values = {"language": language, **text.model_dump()}
        if newest and all(getattr(newest, name) == value for name, value in values.items()):
            return newest.id
        version = newest.version + 1 if newest else 1
        made = await models.Template.create(
            using_db=self.tx,
            account_id=row.account_id,
            location_id=row.id,
            key=key,
            version=version,
            **values,
            created_at=self.changes.now,
        )
        if newest:
            words = f"version {version}, for new invitations"
            self.changes.say(f"{self.what}, template {key}: {words}")
        return made.id

    async def _sequence(self, row: models.Location, templates: dict[str, UUID]) -> None:
        wanted = [
            (number, step.channel, int(step.after.total_seconds()), step.at, templates[step.template])
            for number, step in enumerate(self._steps, 1)
        ]
        rows = await models.SequenceStep.filter(location_id=row.id).order_by("number").using_db(self.tx)
        there = [(step.number, step.channel, step.after_seconds, step.at_minute, step.template_id) for step in rows]
        if there == wanted:
            return
        if there and [step[:4] for step in there] != [step[:4] for step in wanted]:
            told = ", ".join(f"{channel} after {_after(seconds, minute)}" for _, channel, seconds, minute, _ in wanted)
            self.changes.say(f"{self.what}: sequence {told}, for new invitations")
        await models.SequenceStep.filter(location_id=row.id).using_db(self.tx).delete()
        steps = [
            models.SequenceStep(
                account_id=row.account_id,
                location_id=row.id,
                number=number,
                channel=channel,
                after_seconds=seconds,
                at_minute=minute,
                template_id=template,
            )
            for number, channel, seconds, minute, template in wanted
        ]
        await models.SequenceStep.bulk_create(steps, using_db=self.tx)


def _after(seconds: int, minute: int | None) -> str:
    days, rest = divmod(seconds, 24 * 3600)
    at = "" if minute is None else f" at {clock_time(minute)}"
    return (f"{days} days" if not rest else f"{seconds // 60} minutes") + at
