"""What users typed survives a session that ended and a security token that changed, and is done once.

`unsent` reads the fields of a form that was refused, `filling` puts them into the page of that form again,
and `recovery` is the middleware that does both, so that no view has to. `once` is the middleware by which a
form that is sent twice is done once.
"""
