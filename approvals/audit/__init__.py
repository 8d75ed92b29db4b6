"""The audit chain: what is sealed into it, and how it is verified."""
