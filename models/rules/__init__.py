"""Pure rules: states, plans, cycles, windows, addresses. Imports nothing outside this package."""
