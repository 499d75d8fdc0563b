// Several kinds of message in one queue: a member that tells them apart, and which of its values are alike. The values
// of that member are the only ones that leave this library, since routes name them: they are short names, never
// anything that looks personal. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "infer/sample.h"
#include "pipeline/options.h"

namespace sqs2pg::infer {

inline constexpr std::size_t kMostKinds = 200;  // values of the member, over all; more tell no kinds apart

// One kind: the values whose messages look alike.
struct Kind {
    std::vector<std::string> values;      // the most frequent first
    std::vector<std::uint32_t> messages;  // indices into the sample
};

struct Kinds {
    pipeline::Source from;
    std::vector<Kind> kinds;             // the most frequent first
    std::vector<std::uint32_t> without;  // messages without the member, or with a value that is no name
    std::size_t values = 0;              // different values
};

// nullopt: all messages are one kind. `profile` is of all messages.
std::optional<Kinds> find_kinds(const Profile& profile, Sample& sample);

// Messages that lack more than half of what nearly all have, such as a stray one: their indices into `of`. Nothing when
// there are too many of them to be strays.
std::vector<std::uint32_t> find_strays(Sample& sample, const std::vector<std::uint32_t>& of);

}  // namespace sqs2pg::infer
