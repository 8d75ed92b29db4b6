"""Why something is not published; the text is one sentence for a person."""


class PublishingError(Exception):
    """Base of every error this app raises on purpose."""


class NotApproved(PublishingError):
    """There is no approval of exactly these bytes."""


class SlugTaken(PublishingError):
    """Another post has this address."""


class Withdrawn(PublishingError):
    """The post that is asked for was taken off the site."""


class ImageRefused(PublishingError):
    """What was uploaded cannot be shown."""


class ImageMissing(PublishingError):
    """The approved text names an image whose bytes are not there."""


class TextMissing(PublishingError):
    """The draft has no title or no body."""


class SlugUnusable(PublishingError):
    """The draft's slug cannot be part of an address."""


class ScheduleConflict(PublishingError):
    """The draft has a time of publication already, or the one that was read stands no more."""
