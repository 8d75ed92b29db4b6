"""Measurements, printed beside a baseline of the same run. Never part of the tests: machines differ."""
