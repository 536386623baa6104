"""Tests that drive the lessons and widgets in a real browser."""
