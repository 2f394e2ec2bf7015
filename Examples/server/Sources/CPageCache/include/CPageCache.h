#pragma once

#include <stddef.h>
#include <stdint.h>

// Reads what of a file is in the page cache; fewer bytes than asked for, or -1, if not all of it is.
ptrdiff_t espalier_read_cached(int descriptor, void *buffer, size_t count, int64_t offset);
