"""Fast, safe, large: behind the lessons. A student may stop reading here."""
