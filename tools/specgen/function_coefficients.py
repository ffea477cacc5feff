"""Derives the constants of the functions of spec/cep/numerics-functions.md after exp, and prints them as binary32 bit patterns.

Every polynomial goes through the function at the zeros of a Chebyshev polynomial over its interval (close to the best polynomial
of that degree); each coefficient is then rounded to binary32. Constants in two parts: the first is cut to the stated number of
bits, the second is the rest, rounded.
"""

import math
from decimal import Decimal, getcontext

from exp_coefficients import bits, exp_rest, interpolate, nearest_f32

getcontext().prec = 60

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")


def log_rest(z):
    """(2 atanh(s) / s - 2 - 2 z / 3) / z^2 with z = s^2."""
    return sum(2 * z**k / (2 * k + 5) for k in range(60))


def erf_over_x(z):
    """erf(x) / x with z = x^2."""
    term, total = Decimal(1), Decimal(0)
    for k in range(250):
        total += term / (2 * k + 1)
        term = -term * z / (k + 1)
    return total * 2 / PI.sqrt()


def erfc_exponent(x):
    """-ln(1 - erf(x)) / x."""
    return -(1 - x * erf_over_x(x * x)).ln() / x


def cut(value, width):
    """The value without what lies below its first `width` bits."""
    scale = Decimal(2) ** (width - 1 - math.floor(math.log2(float(value))))
    return Decimal(int(value * scale)) / scale


def main():
    ln2 = Decimal(2).ln()
    ln2_high = Decimal(nearest_f32(ln2))
    ln2_short = cut(ln2, 16)
    two_thirds = Decimal(nearest_f32(Decimal(2) / 3))
    rows = [("log2e", 1 / ln2), ("ln2_high", ln2_high), ("ln2_low", ln2 - ln2_high)]
    rows += [(f"exp{k}", c) for k, c in enumerate(interpolate(exp_rest, -ln2 / 2, ln2 / 2, 5))]
    greatest = Decimal(3) - 2 * Decimal(2).sqrt()
    rows += [("ln2_short", ln2_short), ("ln2_rest", ln2 - ln2_short)]
    rows += [("log0", two_thirds), ("log0_low", Decimal(2) / 3 - two_thirds)]
    rows += [(f"log{k + 1}", c) for k, c in enumerate(interpolate(log_rest, Decimal(0), greatest**2, 3))]
    rows += [(f"erf{k}", c) for k, c in enumerate(interpolate(lambda z: erf_over_x(z) - 1, Decimal(0), Decimal("0.8125"), 6))]
    beyond = interpolate(erfc_exponent, Decimal("0.875"), Decimal(4), 9)
    rows += [(f"erfc{k}", c) for k, c in enumerate(beyond)]
    rows += [("erfc0_low", beyond[0] - Decimal(nearest_f32(beyond[0])))]
    for name, value in rows:
        print(f"{name:9} 0x{bits(nearest_f32(value)):08x}  {nearest_f32(value)!r}")


if __name__ == "__main__":
    main()
