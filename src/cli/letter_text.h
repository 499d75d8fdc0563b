// Dead letters on the screen, and as JSON for programs. Pure: text from what schema/dead_letters.h read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/screen.h"
#include "pipeline/message.h"
#include "pipeline/replay.h"
#include "schema/dead_letters.h"

namespace sqs2pg::cli {

// On a terminal a table fits it: columns that tell nothing, then the least telling ones, are left out where it is
// narrow, the rest is cut. A hint at the end names a reason to ask for.
std::string letters_table(const std::vector<schema::LetterLine>& letters, std::uint64_t total,
                          const Screen& screen = {});
std::string letters_json(const std::vector<schema::LetterLine>& letters, std::uint64_t total);
std::string counts_table(const std::vector<schema::LetterCount>& counts, const Screen& screen = {});
std::string counts_json(const std::vector<schema::LetterCount>& counts);

// One letter, every clear column; `message` as well when it was revealed (its text is the sealed one: JSON).
std::string letter_block(const schema::LetterLine& letter, const Screen& screen = {});
std::string letter_json(const schema::LetterLine& letter, const std::string* message);
// The revealed message: attributes, group, body. `plain`: for a terminal, which control characters must not reach.
std::string message_block(const pipeline::Received& message, bool plain);

// What a replay did, one line a fact, each ending in a newline. The first begins with the pipeline's name.
std::string replay_summary(const std::string& pipeline, const pipeline::ReplayCounts& counts, double seconds,
                           bool dry_run);

std::string replay_json(const std::string& pipeline, const pipeline::ReplayOutcome& outcome, double seconds);

// Control characters, which would move a terminal's cursor, as '?'. `lines`: newlines and tabs may stay.
std::string printable(std::string_view text, bool lines = false);

}  // namespace sqs2pg::cli
