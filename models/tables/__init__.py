"""What is stored: one Tortoise model per table, with all of its columns."""
