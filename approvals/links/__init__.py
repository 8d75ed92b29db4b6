"""Links by which people without an account read one version, and say what they think of it."""
