// libseccomp, behind LinuxSystem's SyscallFilter alone; linked statically (docs/decisions/0009-system-call-filter.md).
#include <seccomp.h>
