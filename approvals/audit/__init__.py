"""The audit chain: what is sealed into it, how it is verified, and what it is held against."""
