from datetime import UTC, date, datetime, time

from tasks.clock_times import moments, zones


def in_utc(*asked):
    return [moment.astimezone(UTC) for moment in moments(*asked)]


def test_a_time_is_one_moment_and_its_offset_follows_the_season():
    morning = time(9, 30)
    assert in_utc(date(2027, 1, 9), morning, "Europe/Berlin") == [datetime(2027, 1, 9, 8, 30, tzinfo=UTC)]
    assert in_utc(date(2027, 7, 9), morning, "Europe/Berlin") == [datetime(2027, 7, 9, 7, 30, tzinfo=UTC)]
    assert in_utc(date(2027, 7, 9), morning, "UTC") == [datetime(2027, 7, 9, 9, 30, tzinfo=UTC)]


def test_a_time_that_does_not_exist_has_no_moment():
    assert moments(date(2027, 3, 28), time(2, 30), "Europe/Berlin") == []
    assert len(moments(date(2027, 3, 28), time(3, 0), "Europe/Berlin")) == 1


def test_an_ambiguous_time_has_two_moments_the_earlier_first():
    assert in_utc(date(2027, 10, 31), time(2, 30), "Europe/Berlin") == [
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
        datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
    ]


def test_days_at_the_ends_of_the_calendar_are_answered():
    assert len(moments(date.max, time(23, 59), "America/New_York")) < 2
    assert len(moments(date.min, time(0, 0), "Asia/Tokyo")) < 2


def test_utc_comes_first_among_the_zones():
    assert zones()[0] == "UTC"
    assert {"Europe/Berlin", "America/New_York", "Asia/Kolkata"} <= set(zones())
    assert not any(name.startswith("Etc/") for name in zones())
