"""Planted mistakes, and the runner that checks whether the tests notice each (`make mutants`)."""
