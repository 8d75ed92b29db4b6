"""Subscriptions: events are posted to programs elsewhere, signed, and until they accept them."""
