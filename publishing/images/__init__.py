"""Images: uploaded, re-encoded, stored and served."""
