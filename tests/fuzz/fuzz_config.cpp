// Arbitrary bytes as a configuration: never a crash, every mistake has a place and a sentence, and no value from the
// environment is ever repeated.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sqs2pg::config;
    // No letter of it stands in a sentence of ours.
    static const std::string secret = "\xe2\x98\x83\xe2\x98\x84";
    std::string yaml(reinterpret_cast<const char*>(data), size);
    if (yaml.find("password_file") != yaml.npos || yaml.find(secret) != yaml.npos) return 0;
    auto environment = [](const std::string& name) -> std::optional<std::string> {
        if (name.size() > 3) return std::nullopt;
        return secret;
    };
    auto loaded = load_text(yaml, "fuzz", environment);
    for (const auto& mistake : loaded.mistakes) {
        if (mistake.place.empty() || mistake.sentence.empty()) std::abort();
        if (mistake.sentence.find(secret) != std::string::npos) std::abort();
    }
    if (loaded.mistakes.empty() && loaded.settings.pipelines.empty()) std::abort();
    return 0;
}
