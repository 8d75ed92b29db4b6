"""Following tasks: the event log, as a stream of Server-Sent Events.

`log` reads what was written, `hub` gives it to all subscribers in this process, `streams` sends it to one
client, and `handover` lets a Django response become such a stream.
"""
