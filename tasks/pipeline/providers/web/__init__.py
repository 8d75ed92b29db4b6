"""The guarded way to pages of the web: fetching them, searching for them, looking up links."""
