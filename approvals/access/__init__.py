"""Access: where a request comes from, how often it may try, and what it gets when that was too often."""
