"""Webhooks: JSON by HTTP, signed by the Standard Webhooks scheme."""
