"""Words, sentences and their weight: what the offline writer and the quality checks count with."""
