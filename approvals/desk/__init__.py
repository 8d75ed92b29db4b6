"""The pages of the review desk. Views parse, call, answer."""
