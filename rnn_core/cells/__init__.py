"""One time step with every intermediate, a whole sequence of them, edits of weights, derivatives.

By hand in numpy, in the order of the equations; tests compare all of it with torch. Imports `shapes` and below.
"""
