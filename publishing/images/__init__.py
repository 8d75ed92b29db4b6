"""Images: taken in, kept as files of our own making, and handed out."""
