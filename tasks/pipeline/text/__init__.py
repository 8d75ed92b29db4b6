"""Text processing for the offline writer and the quality checks: words, sentences, ranking, Markdown."""
