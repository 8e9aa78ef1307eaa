"""Pages that show themselves anew while something is going on: static/crushsync/live.js asks for them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def live_page(request: HttpRequest, folder: str, context: dict[str, Any]) -> HttpResponse:
    """`page.html` of the folder of templates; asked with ?part=live, what of it changes alone, `live.html`.

    `looks_again_in` in the context: seconds until it is asked again, 0 when there is nothing to wait for.
    """
    if request.GET.get("part") != "live":
        return render(request, f"{folder}/page.html", {**admin.site.each_context(request), **context})
    part = render(request, f"{folder}/live.html", context)
    part.headers["X-Look-Again"] = str(context["looks_again_in"])
    return part
