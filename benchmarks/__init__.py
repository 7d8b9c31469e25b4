"""Measurements, as ratios of medians within one run; nothing passes or fails. `python -m benchmarks.<name>` prints a table."""
