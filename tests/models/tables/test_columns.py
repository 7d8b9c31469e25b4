"""The models and the database agree on every column."""

import itertools

import models
from models.connection import WORK, fetch, pool
from tests import factories as make

GENERATED = {
    "customer": {"search", "first_name_key", "last_name_key"},
    "location": {"sender_complete"},
}
"""Columns that the database writes itself: the ORM would try to write them."""


async def test_every_column_of_a_table_is_on_its_model(db: str) -> None:
    rows = await fetch(
        pool(WORK), "select table_name, column_name from information_schema.columns where table_schema = 'public'"
    )
    for name in models.__all__:
        meta = getattr(models, name)._meta
        stored = {row["column_name"] for row in rows if row["table_name"] == meta.db_table}
        assert stored - set(meta.fields_db_projection.values()) == GENERATED.get(meta.db_table, set()), name


async def test_a_sender_is_complete_when_nothing_is_missing(db: str) -> None:
    account = await make.account()
    for address, name, email in itertools.product(
        ("1 High Street", "", None), ("The Bakery", None), ("a@example.com", "")
    ):
        location = await make.location(account, postal_address=address, sender_name=name, sender_email=email)
        (row,) = await fetch(pool(WORK), "select sender_complete from location where id = $1", location.id)
        assert row["sender_complete"] == (location.lacks == [])
