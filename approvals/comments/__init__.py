"""Comments on drafts: threads that stand at a selection, a paragraph or the whole text."""
