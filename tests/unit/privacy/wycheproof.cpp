// Reading of the vectors, see wycheproof.h.
#include "unit/privacy/wycheproof.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

namespace sqs2pg::privacy::testing_vectors {
namespace {

std::filesystem::path folder() {
    if (const char* named = std::getenv("SQS2PG_VECTORS")) return std::filesystem::path(named) / "wycheproof";
    // Tests run somewhere below the checkout, and the vectors stand beside it.
    for (auto base = std::filesystem::current_path(); base.has_relative_path(); base = base.parent_path()) {
        auto candidate = base.parent_path() / "shared" / "vectors" / "wycheproof";
        if (std::filesystem::exists(candidate)) return candidate;
    }
    return {};
}

}  // namespace

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

std::size_t for_each_vector(const std::string& file, const std::function<void(const Vector&)>& check) {
    auto path = folder() / file;
    if (!std::filesystem::exists(path)) {
        if (std::getenv("CI") != nullptr) ADD_FAILURE() << "no vectors at " << path << "; set SQS2PG_VECTORS";
        return 0;
    }
    std::size_t count = 0;
    for (const auto& group : YAML::LoadFile(path.string())["testGroups"]) {
        for (const auto& test : group["tests"]) {
            ++count;
            check(Vector(group, test));
        }
    }
    return count;
}

}  // namespace sqs2pg::privacy::testing_vectors
