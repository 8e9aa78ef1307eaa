"""Wineries and who works for them, as the commands set them up."""

from zoneinfo import available_timezones

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from crushsync.accounts.models import Membership, Role, Winery


def winery_called(slug: str) -> Winery:
    """The winery with this short name; raises Winery.DoesNotExist with a sentence."""
    winery: Winery | None = Winery.objects.filter(slug=slug).first()
    if winery is None:
        known = ", ".join(Winery.objects.order_by("slug").values_list("slug", flat=True)[:20])
        raise Winery.DoesNotExist(f"There is no winery {slug!r}. {f'There are: {known}.' if known else ''}")
    return winery


def add_winery(name: str, slug: str, time_zone: str, owner: str = "") -> Winery:
    """A new winery, owned by somebody who can log in already. Raises ValidationError, User.DoesNotExist."""
    if time_zone not in available_timezones():
        raise ValidationError(f"{time_zone!r} is no time zone. Use a name like America/Los_Angeles.")
    winery = Winery(name=name, slug=slug, time_zone=time_zone)
    winery.full_clean()
    with transaction.atomic():
        winery.save()
        if owner:
            Membership.objects.create(winery=winery, user=_person(owner), role=Role.OWNER)
    return winery


def add_person(username: str, winery: Winery, role: str, password: str = "") -> Membership:
    """Give somebody a role at the winery, with a new login for who has none yet.

    A password is needed for a new login and changes nothing of one that exists: raises ValidationError for a
    missing or weak one.
    """
    with transaction.atomic():
        user = User.objects.filter(username=username).first() or _new_login(username, password)
        membership, _ = Membership.objects.update_or_create(
            winery=winery, user=user, defaults={"role": Role(role)}
        )
    return membership


def has_login(username: str) -> bool:
    return User.objects.filter(username=username).exists()


def _person(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise User.DoesNotExist(f"There is no login {username!r}. Make it with add_person.")
    return user


def _new_login(username: str, password: str) -> User:
    user = User(username=username, is_staff=True)
    if not password:
        raise ValidationError(f"{username} is new and needs a password.")
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save()
    return user
