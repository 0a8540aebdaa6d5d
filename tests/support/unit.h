#ifndef STOA_TESTS_SUPPORT_UNIT_H
#define STOA_TESTS_SUPPORT_UNIT_H

/// cmocka wants these headers before it, in this order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CLAIM(function) cmocka_unit_test(function)

#endif
