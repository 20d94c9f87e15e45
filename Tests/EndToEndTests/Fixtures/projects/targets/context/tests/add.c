#include "add.h"
#include <stdio.h>

int main(void) {
    char *words[] = {"20", "22"};
    return puts(add(2, words) == 42 ? "ok 1" : "not ok 1") < 0;
}
