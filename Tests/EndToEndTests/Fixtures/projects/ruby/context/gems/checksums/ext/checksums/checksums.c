#include <ruby.h>

static VALUE sum(VALUE module, VALUE text) {
    long total = 0;
    for (long i = 0; i < RSTRING_LEN(text); i++) total += (unsigned char)RSTRING_PTR(text)[i];
    return LONG2NUM(total);
}

void Init_checksums(void) { rb_define_module_function(rb_define_module("Checksums"), "sum", sum, 1); }
