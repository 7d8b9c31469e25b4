"""What is done: each command runs in one transaction."""
