"""The classroom wing: building, running and checking the course."""
