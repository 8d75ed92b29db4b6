"""What a language model wrote, without its thinking and without what is no text."""
