"""Subscriptions: programs elsewhere that are told of events, signed and until they took them."""
