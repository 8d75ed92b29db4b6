"""A demonstration site: articles that were written for it, and any number of others made of their parts."""
