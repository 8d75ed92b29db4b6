"""Documents that are made, in the habits of real systems, so that their true text is known."""
