// In C, and not in a header: preadv2 is declared for GNU sources alone, as which Swift reads no header.
#define _GNU_SOURCE
#include "CPageCache.h"

#include <sys/uio.h>

ptrdiff_t espalier_read_cached(int descriptor, void *buffer, size_t count, int64_t offset) {
    struct iovec vector = {buffer, count};
    return preadv2(descriptor, &vector, 1, offset, RWF_NOWAIT);
}
