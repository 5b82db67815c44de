"""Recognition: tokens -> spans, by the fast NumPy runtime or by spaCy."""
