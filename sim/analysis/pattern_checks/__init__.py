"""How each pattern is read off the model: from what situations came to, to the numbers that decide."""
