"""The finished code of the course: what a lesson builds by hand, fast and tested."""
