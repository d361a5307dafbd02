"""The laws that a surrogate must obey; ``sg gradcheck`` and pytest call the same functions."""
