// Texts and checks that the tests of the configuration share.
#pragma once

#include <string>

#include "config/load.h"

namespace sqs2pg::config::testing_texts {

// Seven lines that are right; tests append lines to it, so the first appended line is line 8.
inline const std::string kRight =
    "keys: {file: /k}\n"
    "pipelines:\n"
    "  p:\n"
    "    queue: q\n"
    "    table: t\n"
    "    columns:\n"
    "      a: a\n";

inline Environment no_environment() {
    return [](const std::string&) { return std::nullopt; };
}

inline std::string text_of(const std::vector<Mistake>& mistakes) {
    std::string text;
    for (const auto& mistake : mistakes) text += mistake.place + ": " + mistake.sentence + "\n";
    return text;
}

inline std::string mistakes_of(const std::string& yaml, const Environment& environment = no_environment()) {
    return text_of(load_text(yaml, "f.yaml", environment).mistakes);
}

}  // namespace sqs2pg::config::testing_texts
