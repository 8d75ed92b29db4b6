"""What users typed survives a session that ended and a security token that changed.

`unsent` reads the fields of a form that was refused, `filling` puts them into the page of that form again,
and `recovery` is the middleware that does both, so that no view has to.
"""
