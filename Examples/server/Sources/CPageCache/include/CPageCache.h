#pragma once

#include <stdbool.h>
#include <stdint.h>

// Whether the byte of a file at a place can be read without waiting for a disk.
bool espalier_is_cached(int descriptor, int64_t offset);
