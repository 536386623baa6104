"""Settings for all tests."""

from hypothesis import settings

# No deadline: a busy machine is not a bug. Derandomised: a failure comes back.
settings.register_profile("course", deadline=None, derandomize=True, database=None)
settings.load_profile("course")
