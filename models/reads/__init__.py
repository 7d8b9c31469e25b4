"""What is asked: one question per function; reads never write."""
