"""Why something is not published; the text is one sentence for a person."""


class PublishingError(Exception):
    """Base of every error this app raises on purpose."""


class NotApproved(PublishingError):
    """There is no approval of exactly these bytes."""


class SlugTaken(PublishingError):
    """Another post has this address."""


class ImageRefused(PublishingError):
    """What was uploaded cannot be shown."""


class ImageMissing(PublishingError):
    """The approved text names an image whose bytes are not there."""


class SlugUnusable(PublishingError):
    """The draft's slug cannot be part of an address."""
