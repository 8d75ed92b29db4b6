"""What readers and their programs get: pages, feeds, maps. None of it needs a session."""
