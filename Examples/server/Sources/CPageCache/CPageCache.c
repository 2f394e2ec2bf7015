// In C, and not in a header: preadv2 is declared for GNU sources alone, as which Swift reads no header.
#define _GNU_SOURCE
#include "CPageCache.h"

#include <sys/uio.h>

bool espalier_is_cached(int descriptor, int64_t offset) {
    char byte;
    struct iovec vector = {&byte, 1};
    return preadv2(descriptor, &vector, 1, offset, RWF_NOWAIT) == 1;
}
