#define _GNU_SOURCE
#include "launch.h"

#include <stdarg.h>
#include <string.h>

char *join_text(char *to, size_t size, const char *first, ...) {
  va_list rest;
  va_start(rest, first);
  size_t used = 0;
  for (const char *part = first; part; part = va_arg(rest, const char *)) {
    size_t n = strlen(part);
    if (n > size - 1 - used) n = size - 1 - used;
    memcpy(to + used, part, n);
    used += n;
  }
  va_end(rest);
  to[used] = 0;
  return to;
}

char *number_text(char *to, uint64_t number, unsigned base) {
  char digits[24];
  unsigned n = 0;
  do digits[n++] = "0123456789abcdef"[number % base];
  while (number /= base);
  char *at = to;
  while (n) *at++ = digits[--n];
  *at = 0;
  return to;
}

bool parse_number(const char *text, size_t length, uint32_t limit, uint32_t *number) {
  if (length == 0 || length > 10) return false;
  uint64_t value = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (uint64_t)(text[i] - '0');
  }
  if (value > limit) return false;
  *number = (uint32_t)value;
  return true;
}
