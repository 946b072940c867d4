/*
 * libvips is opened with dlopen, not linked: `tintype serve` is the same binary
 * and has no use for it, nor for its hundred libraries.
 *
 * Options go in as text, which libvips itself turns into numbers and enums, so
 * nothing here depends on its headers or on the values of its enums.
 */
#define _GNU_SOURCE
#include "vips.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API(F) \
	F(int, vips_init, (const char *)) \
	F(int, vips_version, (int)) \
	F(const char *, vips_error_buffer, (void)) \
	F(void, vips_error_clear, (void)) \
	F(void, vips_concurrency_set, (int)) \
	F(void, vips_cache_set_max, (int)) \
	F(void, vips_block_untrusted_set, (int)) \
	F(void, vips_operation_block_set, (const char *, int)) \
	F(void *, vips_operation_new, (const char *)) \
	F(int, vips_cache_operation_buildp, (void **)) \
	F(int, vips_object_set_argument_from_string, (void *, const char *, const char *)) \
	F(void, vips_object_unref_outputs, (void *)) \
	F(void *, vips_blob_new, (void *, const void *, size_t)) \
	F(const void *, vips_blob_get, (void *, size_t *)) \
	F(void, vips_area_unref, (void *)) \
	F(VipsImage *, vips_image_new_from_memory, (const void *, size_t, int, int, int, int)) \
	F(VipsImage *, vips_image_copy_memory, (VipsImage *)) \
	F(void *, vips_image_write_to_memory, (VipsImage *, size_t *)) \
	F(int, vips_image_get_width, (const VipsImage *)) \
	F(int, vips_image_get_height, (const VipsImage *)) \
	F(int, vips_image_get_bands, (const VipsImage *)) \
	F(int, vips_image_get_format, (const VipsImage *)) \
	F(int, vips_image_get_interpretation, (const VipsImage *)) \
	F(int, vips_image_hasalpha, (VipsImage *)) \
	F(size_t, vips_image_get_typeof, (const VipsImage *, const char *)) \
	F(int, vips_image_get_int, (const VipsImage *, const char *, int *)) \
	F(int, vips_image_get_blob, (const VipsImage *, const char *, const void **, size_t *)) \
	F(const char *, vips_enum_nick, (size_t, int)) \
	F(size_t, vips_interpretation_get_type, (void)) \
	F(size_t, vips_blob_get_type, (void)) \
	F(void, g_object_set, (void *, const char *, ...)) \
	F(void, g_object_get, (void *, const char *, ...)) \
	F(void, g_object_unref, (void *)) \
	F(void, g_free, (void *)) \
	F(void *, g_module_open, (const char *, int))

static struct {
#define DECLARE(ret, name, args) ret(*name) args;
	API(DECLARE)
} v;

char *tt_load(const char *lib)
{
	void *h = dlopen(lib, RTLD_NOW | RTLD_GLOBAL);
	if (h == NULL)
		return strdup(dlerror());
#define FIND(ret, name, args) \
	if ((*(void **) &v.name = dlsym(h, #name)) == NULL) \
		return strdup("libvips lacks " #name ": version 8.13 or newer is needed");
	API(FIND)
	return NULL;
}

/*
 * libvips opens all its modules when it starts: PDF, slides, ImageMagick. None of
 * them is wanted but the one for HEIF, so it is told to look where there are none,
 * and that one is opened by hand. Where HEIF is built in there is no such module.
 */
static void open_heif(void)
{
	Dl_info info;
	char path[4096];

	if (dladdr((void *) v.vips_init, &info) == 0 || info.dli_fname == NULL)
		return;
	const char *slash = strrchr(info.dli_fname, '/');
	if (slash == NULL)
		return;
	snprintf(path, sizeof(path), "%.*s/vips-modules-%d.%d/vips-heif.so", (int) (slash - info.dli_fname), info.dli_fname,
		v.vips_version(0), v.vips_version(1));
	v.g_module_open(path, 0);
	dlopen("libheif.so.1", RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD); /* so that its version can be asked for */
}

int tt_init(void)
{
	mallopt(M_ARENA_MAX, 2);
	setenv("VIPSHOME", "/nonexistent", 1);
	/* Nothing may go to a temporary file: there is no place to write one. */
	setenv("VIPS_DISC_THRESHOLD", "1000g", 1);
	if (v.vips_init("tintype") != 0)
		return -1;
	open_heif();
	v.vips_concurrency_set(1);
	v.vips_cache_set_max(0);
	return 0;
}

int tt_version(int part) { return v.vips_version(part); }

/* Codecs tell their versions each in their own way; one that is not there says nothing. */
const char *tt_codec_version(const char *codec, int *packed)
{
	*packed = 0;
	if (strcmp(codec, "libheif") == 0) {
		const char *(*text)(void) = (const char *(*)(void)) dlsym(RTLD_DEFAULT, "heif_get_version");
		return text == NULL ? NULL : text();
	}
	if (strcmp(codec, "libwebp") == 0) {
		int (*number)(void) = (int (*)(void)) dlsym(RTLD_DEFAULT, "WebPGetDecoderVersion");
		*packed = number == NULL ? 0 : number();
	}
	return NULL;
}

char *tt_error(void)
{
	char *s = strdup(v.vips_error_buffer());
	v.vips_error_clear();
	return s;
}

void tt_block(const char *name, int state)
{
	if (strcmp(name, "untrusted") == 0)
		v.vips_block_untrusted_set(state);
	else
		v.vips_operation_block_set(name, state);
}

int tt_have(const char *name)
{
	void *op = v.vips_operation_new(name);
	v.vips_error_clear();
	if (op == NULL)
		return 0;
	v.g_object_unref(op);
	return 1;
}

void tt_free(void *p) { v.g_free(p); }

void tt_trim(void) { malloc_trim(0); }

int tt_call(const char *name, VipsImage *in, const void *buf, size_t len, char **opts, int n,
            VipsImage **out, void **blob, size_t *blob_len)
{
	void *op = v.vips_operation_new(name);
	if (op == NULL)
		return -1;
	if (in != NULL) /* one of the old operations has a name of its own for it */
		v.g_object_set(op, strcmp(name, "extract_area") == 0 ? "input" : "in", in, NULL);
	if (buf != NULL) {
		void *b = v.vips_blob_new(NULL, buf, len);
		v.g_object_set(op, "buffer", b, NULL);
		v.vips_area_unref(b);
	}
	for (int i = 0; i < n; i++)
		if (v.vips_object_set_argument_from_string(op, opts[2 * i], opts[2 * i + 1]) != 0) {
			v.g_object_unref(op);
			return -1;
		}
	if (v.vips_cache_operation_buildp(&op) != 0) {
		v.vips_object_unref_outputs(op);
		v.g_object_unref(op);
		return -1;
	}
	int bad = 0;
	if (blob != NULL) {
		void *b = NULL;
		size_t size = 0;
		v.g_object_get(op, "buffer", &b, NULL);
		const void *data = b == NULL ? NULL : v.vips_blob_get(b, &size);
		*blob_len = size;
		*blob = data == NULL ? NULL : malloc(size);
		if (*blob != NULL)
			memcpy(*blob, data, size);
		else
			bad = -1;
		if (b != NULL)
			v.vips_area_unref(b);
	} else {
		*out = NULL;
		v.g_object_get(op, "out", out, NULL);
		bad = *out == NULL ? -1 : 0;
	}
	v.vips_object_unref_outputs(op);
	v.g_object_unref(op);
	return bad;
}

void tt_unref(VipsImage *im) { v.g_object_unref(im); }

VipsImage *tt_from_memory(const void *data, size_t size, int width, int height, int bands)
{
	return v.vips_image_new_from_memory(data, size, width, height, bands, 0 /* VIPS_FORMAT_UCHAR */);
}

VipsImage *tt_copy_memory(VipsImage *im) { return v.vips_image_copy_memory(im); }
void *tt_to_memory(VipsImage *im, size_t *size) { return v.vips_image_write_to_memory(im, size); }
int tt_width(VipsImage *im) { return v.vips_image_get_width(im); }
int tt_height(VipsImage *im) { return v.vips_image_get_height(im); }
int tt_bands(VipsImage *im) { return v.vips_image_get_bands(im); }
int tt_format(VipsImage *im) { return v.vips_image_get_format(im); }
int tt_has_alpha(VipsImage *im) { return v.vips_image_hasalpha(im); }

const char *tt_interpretation(VipsImage *im)
{
	return v.vips_enum_nick(v.vips_interpretation_get_type(), v.vips_image_get_interpretation(im));
}

int tt_get_int(VipsImage *im, const char *field, int missing)
{
	int value;
	if (v.vips_image_get_typeof(im, field) == 0)
		return missing;
	if (v.vips_image_get_int(im, field, &value) != 0) {
		v.vips_error_clear();
		return missing;
	}
	return value;
}

const void *tt_get_blob(VipsImage *im, const char *field, size_t *len)
{
	const void *data = NULL;
	if (v.vips_image_get_typeof(im, field) != v.vips_blob_get_type())
		return NULL;
	if (v.vips_image_get_blob(im, field, &data, len) != 0) {
		v.vips_error_clear();
		return NULL;
	}
	return data;
}
