"""The one base of the errors that a person can meet and mend."""


class UserError(Exception):
    """Names the cause and the mend; the command line prints it and exits with 1."""


class RefusedPhotoError(UserError):
    """Says of one photo that it cannot be answered; another may."""
