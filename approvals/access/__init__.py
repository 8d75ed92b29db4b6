"""Access: client addresses, rate limits of requests and passwords, and API tokens."""
