// Messages out of a configuration and its live tables alone, for `bench` where the user has none to show: every mapped
// path has a value of its column's type, every route its share, and the envelope of `unwrap` is around them. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "pg/table_shape.h"
#include "pipeline/message.h"
#include "pipeline/options.h"

namespace sqs2pg::cli {

// Elements of the array that `each` names.
inline constexpr std::size_t kInventedElements = 3;

// The `n`-th message: it goes to the route n modulo their number, unless an earlier one takes it. `tables` stand in the
// order of the routes. Times and ids are set by the caller.
pipeline::Received invented_message(const pipeline::PipelineOptions& options, std::span<const pg::TableShape> tables,
                                    std::uint64_t n);

}  // namespace sqs2pg::cli
