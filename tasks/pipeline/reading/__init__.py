"""From bytes to text: what a source says, block by block, whatever format and language it is in.

`document.read_document` chooses the reader; `isolated` runs it where a broken document harms nothing.
"""
