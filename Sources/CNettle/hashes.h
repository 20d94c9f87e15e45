// Hashes of nettle, behind OCI's hashers alone; linked statically (docs/decisions/0010-a-small-binary.md).
#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
