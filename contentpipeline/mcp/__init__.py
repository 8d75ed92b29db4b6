"""The Model Context Protocol: tools with which agents read, file briefs, propose edits and answer comments.

No tool decides, publishes or changes rules or accounts, and none could: nothing here imports what does.
"""
