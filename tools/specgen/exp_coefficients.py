"""Derives the constants of exp in spec/cep/numerics-functions.md and prints them as binary32 bit patterns.

(e^r - 1 - r) / r^2 is interpolated on |r| <= ln(2)/2 at the zeros of a Chebyshev polynomial; each coefficient is then
rounded to binary32. ln(2) is split into a part of 24 bits and the rest.
"""

import math
import struct
from decimal import Decimal, getcontext

getcontext().prec = 60
DEGREE = 4


def bits(value):
    return struct.unpack("<I", struct.pack("<f", float(value)))[0]


def nearest_f32(value):
    """Rounds an exact decimal once (through float would round twice)."""
    guess = bits(value)
    near = [struct.unpack("<f", struct.pack("<I", guess + step))[0] for step in (-1, 0, 1)]
    return min(near, key=lambda f: abs(Decimal(f) - value))


def exp_rest(r):
    """(e^r - 1 - r) / r^2."""
    term, total = Decimal(1) / 2, Decimal(0)
    for k in range(3, 60):
        total += term
        term = term * r / k
    return total


def interpolate(function, low, high, degree):
    """Coefficients, lowest first, of the polynomial through the function at the Chebyshev zeros of [low, high]."""
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle + half * Decimal(math.cos(math.pi * (2 * i + 1) / (2 * degree + 2))) for i in range(degree + 1)]
    rows = [[x**k for k in range(degree + 1)] + [function(x)] for x in points]
    for i in range(len(rows)):
        pivot = rows[i][i]
        rows[i] = [v / pivot for v in rows[i]]
        for j in range(len(rows)):
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i])]
    return [row[-1] for row in rows]


def main():
    ln2 = Decimal(2).ln()
    high = nearest_f32(ln2)
    rows = [("log2e", 1 / ln2), ("ln2_high", Decimal(high)), ("ln2_low", ln2 - Decimal(high))]
    rows += [(f"q{k}", c) for k, c in enumerate(interpolate(exp_rest, -ln2 / 2, ln2 / 2, DEGREE))]
    for name, value in rows:
        print(f"{name:9} 0x{bits(nearest_f32(value)):08x}  {nearest_f32(value)!r}")


if __name__ == "__main__":
    main()
