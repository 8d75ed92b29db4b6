"""Documents of word processors, slides and electronic books: archives of XML parts.

One module a format, with `read(data, declared) -> Reading`. No part is unpacked to a disk, no macro is run
and no address is opened.
"""
