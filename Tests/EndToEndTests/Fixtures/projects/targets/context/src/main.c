#include "add.h"
#include <stdio.h>

int main(int count, char **words) { return printf("%ld\n", add(count - 1, words + 1)) < 0; }
