#include "render.hpp"

int main() { return render("{\"a\": 1}") == "a       |  1.00\n" ? 0 : 1; }
