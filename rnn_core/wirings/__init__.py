"""Four ways to wire a recurrent network's input to its output, on one task: write a word backwards."""
