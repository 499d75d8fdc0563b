// YAML text to a tree of nodes that know their place: the only user of yaml-cpp here. Stricter than YAML: duplicate
// keys, tags, merge keys, several documents and anything too large or too deep are mistakes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/report.h"

namespace sqs2pg::config {

inline constexpr std::size_t kMostYamlBytes = 1u << 20;
inline constexpr std::size_t kMostYamlNodes = 20'000;
inline constexpr std::size_t kMostYamlDepth = 32;

struct Member;

struct Node {
    enum class Kind { Null, Scalar, Map, List };

    Kind kind = Kind::Null;
    Place place;
    std::string text;          // of a scalar
    bool quoted = false;       // of a scalar: in quotes or a block, so that it is a text whatever it looks like
    bool substituted = false;  // the text came from the environment, wholly or in part: never repeat it
    bool broken = false;       // a mistake about it has been said already
    std::vector<Member> members;
    std::vector<Node> items;
};

struct Member {
    Node key;  // always a scalar
    Node value;
};

// nullopt: the text is no YAML at all, and the report says where. An empty text is a Null node.
std::optional<Node> read_yaml(std::string_view text, const std::string& file, Report& report);

}  // namespace sqs2pg::config
