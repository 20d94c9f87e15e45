// libyaml, behind the YAML target alone; linked statically (docs/decisions/0010-a-small-binary.md).
#include <yaml.h>
