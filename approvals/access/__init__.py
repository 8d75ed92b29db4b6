"""Who is at the door: where a request comes from, how often it may knock, and what it is told."""
