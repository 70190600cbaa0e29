// Polynomials: Chebyshev interpolation in 60 digits, of (exp(r) - 1 - r) / r^2 for |r| <= ln(2) / 2 (2^-62), and of
// (log((1 + s) / (1 - s)) - 2 s) / s^3 in z = s^2 for s^2 <= 0.0295 (2^-64). LN2_HIGH times any exponent is exact.
#define MANTISSA 52
#define BIAS 1023
#define MAGIC 0x1.8p52
#define LOG2_E 1.4426950408889634
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33
#define EXP_MOST 709.9
#define EXP_LEAST -707.0
#define TANH_ONE 44.0
#define ROOT_HALF_BITS 0x3fe6a09e667f3bcdLL
#define LEAST_NORMAL 0x1p-1022
#define TINY 0x1p-960
#define RAISE 0x1p54
#define RAISED 54
#define EXP_POLY(r) \
  ((((((((((splat(2.0914686968086876e-09) * r + splat(2.5105217004720745e-08)) * r + splat(2.75572736431103e-07)) * r + \
          splat(2.7557255400206422e-06)) * r + splat(2.4801587325547743e-05)) * r + splat(0.00019841269874820627)) * r + \
       splat(0.0013888888888883748)) * r + splat(0.008333333333326136)) * r + splat(0.04166666666666667)) * r + \
    splat(0.1666666666666667)) * r + splat(0.5))
#define LOG_POLY(z) \
  (((((((0.13086767009948175 * z + 0.13268759668560612) * z + 0.15386240205813478) * z + 0.18181795630884753) * z + \
      0.2222222239180047) * z + 0.2857142857080323) * z + 0.4000000000000088) * z + 0.6666666666666666)
