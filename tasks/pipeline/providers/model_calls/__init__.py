"""Calls of language models: a chain of them, in budget and time, on record, in the form that is wanted."""
