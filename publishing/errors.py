"""Why something is not published; each message is a sentence for the user."""


class PublishingError(Exception):
    """Base of every error this app raises on purpose."""


class NotApproved(PublishingError):
    """There is no approval of exactly these bytes."""


class SlugTaken(PublishingError):
    """Another post has this address."""


class Withdrawn(PublishingError):
    """The requested post was taken off the site."""


class ImageRefused(PublishingError):
    """The upload cannot be used as an image."""


class ImageMissing(PublishingError):
    """The approved text names an image whose bytes are not there."""


class TextMissing(PublishingError):
    """The draft has no title or no body."""


class SlugUnusable(PublishingError):
    """The draft's slug cannot be part of an address."""


class ScheduleConflict(PublishingError):
    """The draft is scheduled already, or its schedule has ended in the meantime."""


class ImageTooLarge(ImageRefused):
    """The upload has too many bytes."""


class ImageInUse(PublishingError):
    """A version of a text shows the image, so it stays."""


class IdentityChanged(PublishingError):
    """Someone else changed the identity of the site meanwhile."""
