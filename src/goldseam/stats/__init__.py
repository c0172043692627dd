"""NUMBERS: kernels over votes; arrays in, frozen results out.

In: numpy arrays, or `Votes`. Out: frozen results, where undefined is a value with a reason.
Never: anything of ours but this folder, the world, hidden chance, a silent NaN.
"""
