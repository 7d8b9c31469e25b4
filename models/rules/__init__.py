"""Pure rules: states, plans, cycles, windows, addresses; import nothing outside this package."""
