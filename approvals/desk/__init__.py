"""The pages of the review desk. Views parse, call an action, and respond."""
