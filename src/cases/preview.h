// What real messages would become, gathered column by column and problem by problem: `sqs2pg preview`. Values of
// columns with a mask are never kept, but for the masked texts that tell nothing without the key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cases/outcome.h"
#include "cases/reference.h"
#include "pipeline/map.h"
#include "privacy/keyring.h"

namespace sqs2pg::cases {

// What may be shown of what a column would get.
enum class Reveal {
    Value,   // no mask: the text as it is
    Token,   // hmac, siv, ip-prefix, redact: the masked text, which nobody reads without the key
    Shape,   // truncate, keep-last, sha256 and drop: what they leave is a part of the value, or can be guessed
    Hidden,  // no mask, but the value holds one that another column masks ($body, an object around it)
};

std::string_view name_of(Reveal reveal) noexcept;  // "value", "token", "shape", "hidden"

struct ColumnSeen {
    const pipeline::ColumnRule* rule = nullptr;
    std::string type;
    Reveal reveal = Reveal::Value;
    std::uint64_t nulls = 0;             // of the rows that would be written
    std::uint64_t absent = 0;            // paths that were not there, in any message; metadata is not counted
    std::optional<std::string> example;  // the first that is not NULL, where it may be shown
};

struct RouteSeen {
    const pipeline::Route* route = nullptr;
    std::uint64_t messages = 0;
    std::uint64_t rows = 0;
    std::vector<ColumnSeen> columns;
    std::vector<std::string> unmapped;  // columns of the table that no rule maps
};

struct ProblemSeen {
    std::string reason;
    std::string at;  // column or path
    std::string sqlstate;
    std::uint64_t messages = 0;
    std::vector<std::string> which;  // the first ones
};

inline constexpr std::size_t kMostWhich = 5;  // messages that a problem names
inline constexpr std::size_t kMostProblems = 200;
inline constexpr std::size_t kMostExampleBytes = 200;

struct Seen {
    std::uint64_t messages = 0;
    std::uint64_t rows = 0;
    std::uint64_t dead_letters = 0;
    std::uint64_t ignored = 0;
    std::uint64_t not_fetched = 0;  // point to objects in S3, which are not asked for
    std::vector<RouteSeen> routes;  // in the order of the pipeline's
    std::vector<ProblemSeen> problems;
};

class Preview {
   public:
    // `subject` is borrowed from for the life of the preview. Configuration error: as MapStage::make.
    static Result<Preview> make(const Subject& subject, const privacy::Keyring& keyring);

    // `which` names the message in problems ("line 3", a message id). `refused`: what the server said of its rows where
    // they were tried; else nullptr.
    void take(pipeline::Received& message, const std::string& which, const pipeline::BadMessage* refused = nullptr);

    const Seen& seen() const noexcept { return seen_; }

   private:
    Preview(pipeline::MapStage map, const Subject& subject);
    void take_rows(const Outcome& outcome);
    void take_problem(const pipeline::BadMessage& bad, const std::string& which);
    void count_absent();

    pipeline::MapStage map_;
    Seen seen_;
};

// What is known of a column's masked text without showing it: "the last 4 characters".
std::string shape_of(const pipeline::ColumnRule& rule);

}  // namespace sqs2pg::cases
