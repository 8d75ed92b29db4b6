"""The publishing desk: when what goes online, with which cover, and what replaces it."""
