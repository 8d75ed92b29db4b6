"""The one outbox: rows that are due, when to try again, and the channels by which they leave."""
