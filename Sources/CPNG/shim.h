#pragma once
#include <png.h>

// Macros with arguments that Swift does not import.
static inline void cpng_begin(png_image *image) {
    png_image cleared = { .version = PNG_IMAGE_VERSION };
    *image = cleared;
}
static inline int cpng_has_failed(const png_image *image) { return PNG_IMAGE_FAILED(*image); }
static inline png_uint_32 cpng_format_color_alpha(void) { return PNG_FORMAT_RGBA; }
static inline png_uint_32 cpng_format_gray_alpha(void) { return PNG_FORMAT_GA; }
static inline png_uint_32 cpng_flag_color(void) { return PNG_FORMAT_FLAG_COLOR; }
static inline png_uint_32 cpng_flag_16_bit_srgb(void) { return PNG_IMAGE_FLAG_16BIT_sRGB; }
