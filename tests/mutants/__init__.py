"""Planted mistakes, and the runner that plants each and asks the tests whether they notice (`make mutants`)."""
