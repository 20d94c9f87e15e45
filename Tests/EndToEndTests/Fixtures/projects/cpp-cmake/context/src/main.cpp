#include "render.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

int main(int count, char **arguments) {
    std::ifstream file(count > 1 ? arguments[1] : "/dev/stdin");
    std::cout << render({std::istreambuf_iterator<char>(file), {}});
}
