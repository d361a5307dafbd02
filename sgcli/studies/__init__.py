"""One file a question: a function that answers it with a typed result."""
