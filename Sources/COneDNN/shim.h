#pragma once
#include <dnnl.h>

// Debian's oneDNN runs its kernels on libgomp, whose header stands in a directory of GCC's own that
// Clang does not search. Both functions act on the calling thread.
void omp_set_num_threads(int count);
int omp_get_max_threads(void);

// The arguments of primitives are macros over expressions, which Swift does not import.
static const int espalier_dnnl_src = DNNL_ARG_SRC_0;
static const int espalier_dnnl_src_1 = DNNL_ARG_SRC_1;
static const int espalier_dnnl_multiple_src = DNNL_ARG_MULTIPLE_SRC;
static const int espalier_dnnl_dst = DNNL_ARG_DST_0;
static const int espalier_dnnl_weights = DNNL_ARG_WEIGHTS_0;
static const int espalier_dnnl_bias = DNNL_ARG_BIAS;
static const int espalier_dnnl_mean = DNNL_ARG_MEAN;
static const int espalier_dnnl_variance = DNNL_ARG_VARIANCE;
static const int espalier_dnnl_scale = DNNL_ARG_SCALE;
static const int espalier_dnnl_shift = DNNL_ARG_SHIFT;
static const int espalier_dnnl_scratchpad = DNNL_ARG_SCRATCHPAD;

static inline int espalier_dnnl_post_operation_source(int index) {
    return DNNL_ARG_ATTR_MULTIPLE_POST_OP(index) | DNNL_ARG_SRC_1;
}
