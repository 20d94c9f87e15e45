// The C compression libraries behind the Archive target, linked statically so that the binary needs only libc.
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>
#include <lzma.h>
#include <bzlib.h>
#include <libdeflate.h>
