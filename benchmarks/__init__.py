"""Figures, each a ratio of medians of one run: nothing here passes or fails. `python -m benchmarks.<name>` prints one page."""
