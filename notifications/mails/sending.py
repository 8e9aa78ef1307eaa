"""One mail handed to the mail server: on a pool thread, without the database."""

import smtplib
from http import HTTPStatus

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.translation import gettext as _
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from crushsync.lib.errors import OutcomeUnknown, PermanentError, SyncError, TemporaryError

# Answers of a mail service that say: not now, and nothing was taken.
LATER = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
# And that our key is wrong, which whoever runs CrushSync mends: the mail waits for that.
NOT_OURS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


def send(message: EmailMultiAlternatives) -> str:
    """Hand it over; returns the mail service's own id for it, "" from plain SMTP.

    Raises TemporaryError if nothing was taken, PermanentError if it will never be, and OutcomeUnknown if the
    answer never came: such a mail is not sent again by itself. No error quotes the recipient's address.
    """
    message.connection = connection = get_connection(fail_silently=False)
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        raise _not_opened(error) from None
    try:
        message.send()
    except (smtplib.SMTPException, OSError, AnymailError) as error:
        raise _not_sent(error) from None
    finally:
        _close(connection)
    status = getattr(message, "anymail_status", None)
    return str(getattr(status, "message_id", None) or "")


def _not_opened(error: Exception) -> SyncError:
    """Nothing was sent. A wrong password is mended by whoever runs CrushSync: the mail waits for that."""
    return _not_let_in() if isinstance(error, smtplib.SMTPAuthenticationError) else _not_reached()


def _not_let_in() -> SyncError:
    return TemporaryError(_("The mail server does not accept our login."), code="mail_login")


def _not_reached() -> SyncError:
    return TemporaryError(_("The mail server cannot be reached. Nothing was sent."), code="mail_server")


def _not_sent(error: Exception) -> SyncError:
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _text in error.recipients.values()]
            return _by_code(max(codes, default=550))
        case smtplib.SMTPResponseException():
            return _by_code(error.smtp_code)
        case AnymailRecipientsRefused():
            return PermanentError(_("The mail service refuses this address."), code="mail_refused")
        case AnymailAPIError(status_code=int(status)) if status in LATER:
            return TemporaryError(_("The mail service asks us to wait."), code="mail_server")
        case AnymailAPIError(status_code=int(status)) if status in NOT_OURS:
            return _not_let_in()
        case AnymailAPIError() if _never_connected(error):
            return _not_reached()
        case AnymailAPIError(status_code=int(status)) if 400 <= status < 500:
            return PermanentError(
                _("The mail service refuses it (%(status)d).") % {"status": status}, code="mail_refused"
            )
        case AnymailError() if not isinstance(error, AnymailAPIError):
            return PermanentError(_("The mail service cannot send such a mail."), code="mail_refused")
    return OutcomeUnknown(_("The mail server did not say whether it took the mail."), code="mail_unknown")


def _never_connected(error: Exception) -> bool:
    """Whether not one byte left us, as far as requests and urllib3 tell: they wrap each other's errors."""
    wrapped = error.__cause__.args[:1] if error.__cause__ else ()
    reasons = [getattr(cause, "reason", None) for cause in wrapped]
    return any(isinstance(reason, NewConnectionError | ConnectTimeoutError) for reason in reasons)


def _by_code(code: int) -> SyncError:
    """https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1"""
    if 400 <= code < 500:
        return TemporaryError(
            _("The mail server asks us to try later (%(code)d).") % {"code": code}, code="mail_later"
        )
    return PermanentError(_("The mail server refuses it (%(code)d).") % {"code": code}, code="mail_refused")


def _close(connection: object) -> None:
    """Say goodbye; whoever does not answer that has the mail all the same, or has not."""
    try:
        connection.close()  # type: ignore[attr-defined]
    except (smtplib.SMTPException, OSError):
        return
