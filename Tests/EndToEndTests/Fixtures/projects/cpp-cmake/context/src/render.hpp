#pragma once
#include <string>

std::string render(const std::string &json);
