// As for doubles, to 2^-26 and 2^-35.
#define MANTISSA 23
#define BIAS 127
#define MAGIC 0x1.8p23f
#define LOG2_E 1.4426950216293335f
#define LN2_HIGH 0.693359375f
#define LN2_LOW -0.00021219444170128554f
#define EXP_MOST 89.0f
#define EXP_LEAST -86.0f
#define TANH_ONE 20.0f
#define ROOT_HALF_BITS 0x3f3504f3
#define LEAST_NORMAL 0x1p-126f
#define TINY 0x1p-100f
#define RAISE 0x1p25f
#define RAISED 25
#define EXP_POLY(r) \
  ((((splat(0.0013926183587713494f) * r + splat(0.008363179052722578f)) * r + splat(0.041666554617204574f)) * r + \
    splat(0.16666576989698775f)) * r + splat(0.5f))
#define LOG_POLY(z) (((0.23330581938241893f * z + 0.2855081659971155f) * z + 0.40000121876972f) * z + 0.6666666655445165f)
