"""Detecting that something is wrong with the work, and alerting operators once."""
