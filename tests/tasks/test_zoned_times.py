"""Local times with their zone, where the clocks change."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from tasks.zoned_times import parse_zoned


def test_times_that_clocks_skip_or_show_twice_are_refused_with_a_remedy():
    for given, said in [
        ("2027-03-28T02:30[Europe/Berlin]", "does not exist on that day in Europe/Berlin"),
        ("2027-10-31T02:30[Europe/Berlin]", "enter 2027-10-31 00:30 for the first, 2027-10-31 01:30 for"),
        ("2027-10-03T02:15[Australia/Lord_Howe]", "does not exist"),
        ("9999-12-31T23:59[America/New_York]", "does not exist"),
    ]:
        with pytest.raises(ValidationError, match=said):
            parse_zoned(given)


def test_other_times_and_times_with_an_offset_are_one_moment():
    for given in ("2027-10-31T01:30[UTC]", "2027-10-31T02:30+01:00", "2027-10-31 01:30Z"):
        assert parse_zoned(given) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert parse_zoned("2027-07-01T09:30[Europe/Berlin]") == datetime(2027, 7, 1, 7, 30, tzinfo=UTC)
