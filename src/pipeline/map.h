// From JSON to columns (contract, "From JSON to a column"): a plan compiled once from the rules and the live table, and
// the stage that turns a received message into masked rows or a bad message. The stages in it, in the walk's order:
// envelope.h (out of what it came in), decode.h (body to values), route.h (which table), the rules here, mask.h
// (personal columns; the only maker of MaskedRow).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/result.h"
#include "pg/table_shape.h"
#include "pipeline/envelope.h"
#include "pipeline/message.h"
#include "pipeline/options.h"
#include "pipeline/ports.h"
#include "privacy/keyring.h"

namespace sqs2pg::pipeline {

// `each`: rows of one message, and bytes of them, at most; more is the dead letter fan_out.
inline constexpr std::size_t kMaxFanOut = 1000;
inline constexpr std::size_t kMaxFanOutBytes = 32u << 20;

// A finding of holding rules against a live table: an error forbids the start, a warning is told.
struct Finding {
    bool error = true;
    std::string place;     // file:line:column, or the table's name
    std::string sentence;  // what is wrong and what to do
    std::string code{};    // stable, such as "column_absent": docs/check.md describes each
};

// Holds a route's rules against its table: absent, generated or doubly mapped columns, NOT NULL columns without default
// that no rule maps, columns that cannot hold a mask's output, weak masks, row-level security, a conflict key that no
// unique index covers. Every finding at once. The lengths of tokens depend on the active key's id: without a keyring
// they are not looked at.
std::vector<Finding> check_rules(const Route& route, const pg::TableShape& table,
                                 const privacy::Keyring* keyring = nullptr);

// What the writing role needs on the route's table.
pg::ColumnRights rights_needed(const Route& route);

// How often each mapped path was seen: for the warning about a path that never matches.
struct PathUse {
    std::string path;
    std::uint64_t absent = 0;
    std::uint64_t present = 0;
};

// Not thread-safe: one a worker.
class MapStage {
   public:
    // `tables` stand in the order of the routes. Configuration error: the first error of check_rules, or a mask that
    // cannot be made.
    static Result<MapStage> make(const PipelineOptions& options, std::span<const pg::TableShape> tables,
                                 const privacy::Keyring& keyring);
    MapStage(MapStage&&) noexcept;
    MapStage& operator=(MapStage&&) noexcept;
    ~MapStage();

    // `unwrap: s3-pointer`: the object that is the message's body, and has to be fetched before transform(). nullopt:
    // there is none. Cheap where the pipeline does not unwrap pointers.
    tl::expected<std::optional<ObjectRef>, BadMessage> object_of(const Received& message);

    // Unwraps, decodes, finds the route, maps, masks and encodes. nullopt: no route wants the message, and it is to be
    // ignored. `object` is what was fetched for object_of(), or null; it may gain capacity for the parser's padding.
    tl::expected<std::optional<MaskedRow>, BadMessage> transform(const Received& message,
                                                                 std::string* object = nullptr);

    // One a route; MaskedRow::target() counts them.
    std::vector<Target> targets() const;
    std::vector<PathUse> path_use() const;

   private:
    struct Impl;
    explicit MapStage(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::pipeline
