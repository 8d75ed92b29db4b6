"""What an upgrade would do to a desk that goes on, for `manage.py upgrade --check` and for a test."""
