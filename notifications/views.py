"""What is open to whoever holds a link of ours."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notifications.mails.recipients import of_token
from notifications.mails.recipients import unsubscribe as no_more


@csrf_exempt  # mail programs post without a session: the signed token is the permission (RFC 8058)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page that asks; a POST ends the mails. A GET changes nothing: scanners follow links in mails."""
    recipient = of_token(token)
    if recipient is None:
        return HttpResponseNotFound()
    if request.method == "POST":
        no_more(recipient)
    context = {"winery": recipient.winery, "is_done": request.method == "POST" or not recipient.is_active}
    return render(request, "notifications/unsubscribe.html", context)
