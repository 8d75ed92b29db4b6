"""Noticing that something is wrong with the work, and telling operators once."""
