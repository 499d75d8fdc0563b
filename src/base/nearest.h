// "Did you mean …": the candidate nearest to a mistyped name.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sqs2pg {

// The candidate with the smallest edit distance (insert, delete, replace, swap of neighbours), or "" when none is
// nearer than a third of the name's length (at least 2). Names beyond 200 characters have no neighbours.
std::string nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace sqs2pg
