"""Dates, amounts and counts as the screens write them."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from flask import Flask

from bmms.web import filters
from bmms.web.filters import init_filters

TIGHT = "\N{NO-BREAK SPACE}"


@pytest.fixture
def app() -> Flask:
    made = Flask(__name__)
    init_filters(made)
    return made


def test_a_date_is_written_out() -> None:
    assert filters.write_date(date(2024, 11, 8)) == "8 November 2024"
    assert filters.write_date(None) == "–"


def test_times_are_shown_in_the_philippines() -> None:
    late = datetime(2024, 11, 17, 16, 58, tzinfo=UTC)
    assert filters.write_datetime(late) == "18 November 2024, 00:58"
    assert filters.write_date(late) == "18 November 2024"
    assert filters.write_time(late) == "00:58"
    assert filters.write_time(datetime(2024, 11, 17, 9, 5, tzinfo=timezone(timedelta(hours=8)))) == "09:05"
    assert filters.write_time(None) == filters.write_datetime(None) == "–"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError, match="names no time zone"):
        filters.write_datetime(datetime(2024, 11, 17))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1250000"), "₱~1,250,000.00"),
        (Decimal("0"), "₱~0.00"),
        (Decimal("0.005"), "₱~0.01"),
        (Decimal("98467200000.00"), "₱~98,467,200,000.00"),
        (Decimal("9999999999999999.99"), "₱~9,999,999,999,999,999.99"),
        (Decimal("-1248384.50"), "−₱~1,248,384.50"),
        (None, "–"),
    ],
)
def test_money(value, written) -> None:
    assert filters.write_money(value) == written.replace("~", TIGHT)


def test_money_in_a_register() -> None:
    assert filters.write_money(Decimal("-1246000"), symbol=False, brackets=True) == "(1,246,000.00)"
    assert filters.write_money(Decimal("-1246000"), brackets=True) == f"(₱{TIGHT}1,246,000.00)"
    assert filters.write_money(Decimal("8412000"), symbol=False, brackets=True) == "8,412,000.00"


@pytest.mark.parametrize("value", [1.5, 5, "5.00", True])
def test_amounts_are_decimal_or_refused(value) -> None:
    with pytest.raises(TypeError, match="not a Decimal"):
        filters.write_money(value)


def test_numbers() -> None:
    assert filters.write_number(1012) == "1,012"
    assert filters.write_number(Decimal("68.25"), 1) == "68.3"
    assert filters.write_number(-3) == "−3"
    assert filters.write_number(Decimal("-0.4")) == "0"
    assert filters.write_number(None) == "–"
    with pytest.raises(TypeError, match="neither int nor Decimal"):
        filters.write_number(1.5)


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (Decimal("0.718"), "71.8~%"),
        (Decimal("0.75"), "75~%"),
        (Decimal("1"), "100~%"),
        (Decimal("0.10"), "10~%"),
        (0, "0~%"),
        (Decimal("-0.0133"), "−1.3~%"),
        (None, "—"),
    ],
)
def test_percent_of_a_share(share, written) -> None:
    assert filters.write_percent(share) == written.replace("~", TIGHT)


def test_a_rate_keeps_its_hundreds_without_decimals() -> None:
    assert filters.write_percent(Decimal("2"), 0) == f"200{TIGHT}%"


def test_a_share_of_float_is_refused() -> None:
    with pytest.raises(TypeError, match="neither int nor Decimal"):
        filters.write_percent(0.5)


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (0, "no~bytes"), (1, "1~byte"), (812, "812~bytes"), (217_088, "212~KB"), (1_048_576, "1~MB"),
        (1_468_006, "1.4~MB"), (1_023_999, "1,000~KB"), (5_368_709_120, "5~GB"), (None, "–"),
    ],
)  # fmt: skip
def test_file_sizes_in_words(size, written) -> None:
    assert filters.write_file_size(size) == written.replace("~", TIGHT)


def test_counts_with_their_noun() -> None:
    assert filters.write_plural(1, "row") == f"1{TIGHT}row"
    assert filters.write_plural(1500, "row") == f"1,500{TIGHT}rows"
    assert filters.write_plural(2, "entry", "entries") == f"2{TIGHT}entries"
    assert filters.write_plural(0, "person", "people") == f"no{TIGHT}people"


def test_a_query_keeps_what_is_not_changed(app: Flask) -> None:
    with app.test_request_context("/?q=rice+%26+corn&role=a&role=b&page=3&empty="):
        assert filters.query(page=4) == "?q=rice+%26+corn&role=a&role=b&page=4"
        assert filters.query(page=None, q="") == "?role=a&role=b"
    with app.test_request_context("/"):
        assert filters.query() == "?"


def test_templates_know_all_of_them(app: Flask) -> None:
    line = (
        "{{ d|date }}; {{ t|datetime }}; {{ t|time }}; {{ m|money }}; {{ 5|number }}; {{ 0|percent }};"
        " {{ 1|file_size }}; {{ 2|plural('row') }}; {{ now().tzname() }}"
    )
    values = {"d": date(2024, 1, 5), "t": datetime(2024, 1, 5, tzinfo=UTC), "m": Decimal("2")}
    assert app.jinja_env.from_string(line).render(**values).replace(TIGHT, " ") == (
        "5 January 2024; 5 January 2024, 08:00; 08:00; ₱ 2.00; 5; 0 %; 1 byte; 2 rows; UTC"
    )
