"""Following tasks: the event log, as a stream of Server-Sent Events.

`log` reads what was written, `hub` hands it to all who watch in this process, `streams` is one of them, and
`handover` lets a page of Django become such a stream.
"""
