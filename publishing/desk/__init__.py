"""The publishing desk: schedules, cover images, and updates of live posts."""
