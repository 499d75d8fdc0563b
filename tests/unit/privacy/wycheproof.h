// Reads Wycheproof's JSON test vectors (JSON is YAML, so yaml-cpp reads it) from $SQS2PG_VECTORS/wycheproof, or from
// ../shared/vectors/wycheproof beside the checkout.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <yaml-cpp/yaml.h>

namespace sqs2pg::privacy::testing_vectors {

std::string from_hex(std::string_view hex);

class Vector {
   public:
    Vector(const YAML::Node& group, const YAML::Node& test) : group_(group), test_(test) {}

    std::string text(const char* name) const { return test_[name].as<std::string>(); }
    std::size_t group_number(const char* name) const { return group_[name].as<std::size_t>(); }
    // "acceptable" does not occur in the files that are read here.
    bool valid() const { return text("result") == "valid"; }

   private:
    YAML::Node group_;
    YAML::Node test_;
};

// How many vectors the file holds; 0 when the folder is absent (which in CI fails the test).
std::size_t for_each_vector(const std::string& file, const std::function<void(const Vector&)>& check);

}  // namespace sqs2pg::privacy::testing_vectors
