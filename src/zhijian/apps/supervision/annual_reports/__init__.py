"""Annual reports of market entities: filed, published, corrected, and missed."""
