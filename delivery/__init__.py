"""From a due message to a recorded outcome."""
