"""Figures as people type them: one rule for forms, sheets and files."""

from decimal import Decimal

import pytest

from bmms.domain import money
from bmms.domain.imports.workbook import _figure


@pytest.mark.parametrize(
    ("typed", "figure"),
    [
        ("1250.50", "1250.50"), ("1,250.50", "1250.50"), (" 12,400 ", "12400"), ("-1,250.5", "-1250.5"), (".5", "0.5"),
        ("5.", "5"), ("0", "0"), ("999,999,999,999,999.99", "999999999999999.99"), ("1250\u00a0", "1250"),
    ],
)  # fmt: skip
def test_a_figure_is_read_to_its_last_digit(typed, figure):
    assert money.figure_of(typed) == Decimal(figure)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("₱ 1,250.50", "holds a currency sign. Type the plain figure, such as 1,250.50."),
        ("PHP 1,250.50", "a currency sign"), ("P1,250", "a currency sign"), ("php5", "a currency sign"),
        ("1,250 pesos", "a currency sign"), ("$5", "a currency sign"),
        ("1,25,000", "has commas"), ("12,50", "has commas"), ("1.250,50", "has commas"), ("1 250", "has commas"),
        ("1,250.50.1", "has commas"), (",250", "has commas"), ("1,,250", "has commas"),
        ("\u0661\u0662\u0663", "other digits than 0 to 9"), ("\uff11\uff12", "other digits than 0 to 9"),
        ("NaN", "no figure"), ("Infinity", "no figure"), ("1e5", "no figure"), ("--5", "no figure"), ("-", "no figure"),
        ("", "no figure"), ("12 %", "no figure"), ("x" * 500, "x…” is no figure"), ("9" * 31, "more digits"),
    ],
)  # fmt: skip
def test_anything_else_is_named(typed, words):
    with pytest.raises(money.NoFigure) as refused:
        money.figure_of(typed)
    assert words in str(refused.value)
    assert len(str(refused.value)) < 160


def test_an_amount_has_two_decimals_and_an_end():
    for good in ("0", "0.01", "-5.10", "999999999999999.99", "1.000"):
        assert money.is_pesos(Decimal(good))
    for bad in ("0.001", "1.005", "1000000000000000", "9" * 40):
        assert not money.is_pesos(Decimal(bad))


def test_a_cell_says_what_the_spreadsheet_shows():
    """What spreadsheets compute is off by a hair that they never show; nothing that they show is lost."""
    assert [_figure(value) for value in (0.1 + 0.2, 100 * 1.1, 12400.0, 1.005, 0.0001)] == [
        "0.3", "110", "12400", "1.005", "0.0001",
    ]  # fmt: skip
    assert _figure(9_999_999_999.1234) == "9999999999.1234"
    assert _figure(12_345_678_901_234.56) == "12345678901234.56"
    assert _figure(1e-7) == "0.0000001"
