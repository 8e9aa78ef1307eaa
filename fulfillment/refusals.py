"""How an act says that it makes no sense now."""

from django.utils.translation import gettext_lazy as lazy

IN_FLIGHT = lazy("A call about it is under way. Wait a moment.")


class NotAllowed(Exception):
    """The act makes no sense now; `sentence` says why, for staff."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
