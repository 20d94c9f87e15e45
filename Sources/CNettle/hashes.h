// SHA-2 of nettle, behind OCI's hashers alone; linked statically (docs/decisions/0010-a-small-binary.md).
#include <nettle/sha2.h>
