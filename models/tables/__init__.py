"""One Tortoise model per table, with all of its columns."""
