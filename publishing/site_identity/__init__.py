"""How the site presents itself: its name, logo, colour, menu, footer, time zone and language.

`current` gives it to all that show a part of it; `actions` changes it.
"""

from publishing.site_identity.current import Identity, Picture, current, discard

__all__ = ["Identity", "Picture", "current", "discard"]
