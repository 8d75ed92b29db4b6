"""Measurements, printed next to a baseline of the same run. Never part of the tests: machines differ."""
