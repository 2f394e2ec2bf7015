#ifndef ESPALIER_ALLOCATION_COUNTER_H
#define ESPALIER_ALLOCATION_COUNTER_H

// How often the calling thread asked for memory, since it began.
long espalier_allocations(void);

#endif
