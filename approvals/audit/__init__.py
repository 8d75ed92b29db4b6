"""The audit chain: what is recorded in it, and how it is verified."""
