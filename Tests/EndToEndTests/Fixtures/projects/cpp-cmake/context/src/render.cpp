#include "render.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

std::string render(const std::string &json) {
    std::string text;
    const auto document = nlohmann::json::parse(json);
    for (const auto &[key, value] : document.items()) text += fmt::format("{:<8}|{:>6.2f}\n", key, value.get<double>());
    return text;
}
