"""The front door: puts the rooms together."""
