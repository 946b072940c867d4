/* The few entry points of libvips and GLib that are used, found at run time. */
#ifndef TINTYPE_VIPS_H
#define TINTYPE_VIPS_H

#include <stddef.h>

typedef struct _VipsImage VipsImage;

/* Loads the library; NULL, or what went wrong (to be freed). */
char *tt_load(const char *name);
/* Starts it; 0, or -1 with the reason in tt_error(). */
int tt_init(void);
int tt_version(int part);
/* A codec's version, as text or as one byte per part; NULL and 0 if unknown. */
const char *tt_codec_version(const char *codec, int *packed);
/* The messages since the last call, to be freed. */
char *tt_error(void);
/* Blocks (1) or allows (0) an operation class and all derived from it. */
void tt_block(const char *name, int state);
/* Whether there is an operation of this name that is not blocked. */
int tt_have(const char *name);
void tt_free(void *p);
void tt_trim(void);

/*
 * Runs the operation `name`. The input is the image `in`, or the `len` bytes at
 * `buf`, or neither. `opts` holds `n` pairs of option name and value in text. The
 * output is an image (freed with tt_unref) or, if `blob` is not NULL, bytes to be
 * freed with tt_free. 0, or -1 with the reason in tt_error().
 */
int tt_call(const char *name, VipsImage *in, const void *buf, size_t len, char **opts, int n,
            VipsImage **out, void **blob, size_t *blob_len);

void tt_unref(VipsImage *im);
VipsImage *tt_from_memory(const void *data, size_t size, int width, int height, int bands);
VipsImage *tt_copy_memory(VipsImage *im);
void *tt_to_memory(VipsImage *im, size_t *size);
int tt_width(VipsImage *im);
int tt_height(VipsImage *im);
int tt_bands(VipsImage *im);
int tt_format(VipsImage *im);
const char *tt_interpretation(VipsImage *im);
int tt_has_alpha(VipsImage *im);
/* An integer field, or `missing`. */
int tt_get_int(VipsImage *im, const char *field, int missing);
/* A field of bytes, which belong to the image; NULL if there is none. */
const void *tt_get_blob(VipsImage *im, const char *field, size_t *len);

#endif
