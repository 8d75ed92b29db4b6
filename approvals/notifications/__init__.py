"""Notifying people of what concerns them: a decision about their text, or a draft that awaits them."""
