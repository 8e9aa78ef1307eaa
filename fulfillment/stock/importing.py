"""Stock from a CSV file: read and shown first, then booked line by line, each once.

The first line names the columns: sku and quantity, and if need be location and note. Whatever is wrong with a
line is said of that line; the others are booked.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crushsync.accounts.models import Winery
from crushsync.lib.queue import CRASH_LIMIT, RowByRow, clock, ring
from crushsync.lib.text import clean_text
from fulfillment.models import (
    ImportKind,
    RowState,
    StockImport,
    StockImportLine,
    StockLocation,
    StockMovement,
)
from fulfillment.stock.acts import count, receive

MOST_BYTES = 5_000_000
MOST_LINES = 20_000
MOST_PIECES = 10_000_000
AT_ONCE = 1_000  # lines in one insert
# What spreadsheets call the columns -> ours.
COLUMNS = {
    "sku": "sku", "item": "sku", "product": "sku",
    "quantity": "quantity", "qty": "quantity", "count": "quantity", "on hand": "quantity",
    "location": "location", "place": "location",
    "note": "note", "comment": "note",
}  # fmt: skip


def read_file(
    winery: Winery, kind: ImportKind, name: str, content: bytes, *, location: StockLocation | None, actor: str
) -> StockImport:
    """Read the file and keep it, to be looked at; nothing is booked. `location`: where a line names none.

    Raises ValidationError for what is no such file at all.
    """
    if len(content) > MOST_BYTES:
        raise ValidationError(_("The file is larger than 5 MB."), code="too_large")
    rows = list(_rows(_text(content)))
    if not rows:
        raise ValidationError(_("The file has no lines below the names of its columns."), code="empty")
    places = {place.name.casefold(): place for place in StockLocation.objects.filter(winery=winery)}
    with transaction.atomic():
        made = StockImport.objects.create(winery=winery, kind=kind, name=name[:200], actor=actor)
        lines = [_line(made, number, row, places, location) for number, row in rows]
        _refuse_repeats(lines)
        StockImportLine.objects.bulk_create(lines, batch_size=AT_ONCE)
    return made


def start(asked: StockImport) -> int:
    """Book its lines, in the background; returns how many. A second click starts nothing."""
    with transaction.atomic():
        if not StockImport.objects.filter(pk=asked.pk, started_at=None).update(started_at=clock()):
            return 0
        waiting = StockImportLine.objects.filter(stock_import=asked, state=RowState.WAITING)
        ring()
        return waiting.update(due_at=clock())


def stop(asked: StockImport) -> int:
    """Leave alone what is not booked yet; returns how many lines. What is booked stays booked."""
    with transaction.atomic():
        StockImport.objects.filter(pk=asked.pk, started_at=None).update(started_at=clock())
        waiting = StockImportLine.objects.filter(stock_import=asked, state=RowState.WAITING, open_claims=0)
        told = _("Stopped before it was booked.")
        return waiting.update(state=RowState.CANCELLED, due_at=None, sentence=told)


class ImportLane(RowByRow):
    """A line is booked under a reference of its own."""

    model = StockImportLine
    related = ("stock_import", "location")

    def do(self, row: StockImportLine) -> None:
        if row.open_claims > CRASH_LIMIT:
            row.state, row.sentence = RowState.FAILED, _("Booking this stopped the worker three times.")
        else:
            try:
                with transaction.atomic():
                    row.sentence = _book(row)
                    row.state = RowState.DONE
            except ValidationError as refusal:
                row.state, row.sentence = RowState.REFUSED, " ".join(refusal.messages)
        row.settle(None)


def _book(line: StockImportLine) -> str:
    if line.location is None or line.quantity is None:
        raise ValidationError(_("The line is not complete."), code="incomplete")
    act = count if line.stock_import.kind == ImportKind.COUNT else receive
    booked: StockMovement | None = act(
        line.location,
        line.sku,
        line.quantity,
        f"import:{line.stock_import_id}:{line.number}",
        actor=line.stock_import.actor,
        note=line.note,
    )
    if booked is None:
        return _("It was booked already.")
    return _("%(delta)+d, now %(level)d.") % {"delta": booked.delta, "level": booked.level_after}


def _text(content: bytes) -> str:
    """UTF-8, or what Excel writes on Windows."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, our column -> cell) for every line that is not blank."""
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:2_000], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    reader = csv.reader(io.StringIO(text, newline=""), dialect)
    try:
        header = [COLUMNS.get(cell.strip().casefold(), "") for cell in next(reader, [])]
        if not {"sku", "quantity"} <= set(header):
            raise ValidationError(
                _("The first line has to name the columns sku and quantity."), code="header"
            )
        for cells in reader:
            if reader.line_num > MOST_LINES + 1:
                raise ValidationError(
                    _("The file has more than %(most)d lines.") % {"most": MOST_LINES}, code="too_long"
                )
            if any(cell.strip() for cell in cells):
                yield reader.line_num, _named(header, cells)
    except csv.Error as error:
        raise ValidationError(_("The file cannot be read as CSV."), code="csv") from error


def _named(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Of two columns with the same name the first counts."""
    named = {name: cell for name, cell in reversed(list(zip(header, cells, strict=False))) if name}
    return {name: clean_text(cell, 300).strip() for name, cell in named.items()}


def _line(
    made: StockImport,
    number: int,
    row: Mapping[str, str],
    places: Mapping[str, StockLocation],
    location: StockLocation | None,
) -> StockImportLine:
    """A line that waits, or says what is wrong with it."""
    place = places.get(row["location"].casefold()) if row.get("location") else location
    sku, quantity = row.get("sku", ""), _pieces(row.get("quantity", ""))
    line = StockImportLine(
        stock_import=made,
        number=number,
        sku=sku[:100],
        location=place,
        quantity=quantity,
        note=row.get("note", ""),
    )
    least = 0 if made.kind == ImportKind.COUNT else 1
    wrong = []
    if not sku or len(sku) > 100:
        wrong.append(_("The SKU is missing or too long."))
    if quantity is None or not least <= quantity <= MOST_PIECES:
        wrong.append(_("The quantity has to be a whole number, %(least)d or more.") % {"least": least})
        line.quantity = None
    if place is None:
        named = row.get("location", "")
        wrong.append(
            _("There is no location “%(name)s”.") % {"name": named} if named else _("No location is named.")
        )
    if wrong:
        line.state, line.sentence = RowState.REFUSED, " ".join(wrong)
    return line


def _pieces(cell: str) -> int | None:
    """A whole number as people write it: 1,200 and 12.0 are such."""
    plain = cell.replace(",", "").replace(" ", "")
    whole, _point, rest = plain.partition(".")
    digits = whole.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= 9 and not rest.strip("0")
    return int(whole) if is_number else None


def _refuse_repeats(lines: Iterable[StockImportLine]) -> None:
    """Two counts of one SKU at one place: nobody knows which is right."""
    first: dict[tuple[int | None, str], StockImportLine] = {}
    for line in lines:
        if line.state != RowState.WAITING or line.stock_import.kind != ImportKind.COUNT:
            continue
        earlier = first.setdefault((line.location_id, line.sku), line)
        if earlier is not line:
            line.state = RowState.REFUSED
            line.sentence = _("Line %(number)d counts the same SKU there.") % {"number": earlier.number}
